package subscribers

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
)

// A Failure is a delivery failure that was reported after sending.
type Failure struct {
	Address string `json:"address"`
	Status  string `json:"status"` // RFC 3463: 5.1.1
}

// IsHard reports whether the failure is permanent. A full mailbox (X.2.2) is
// not.
func (f Failure) IsHard() bool { return strings.HasPrefix(f.Status, "5.") && f.Status != "5.2.2" }

// maxReport is the maximum size of a report, and maxFailures that of the
// failures in it.
const (
	maxReport   = 1 << 20
	maxFailures = 1000
)

// ErrNoReport is returned for a message that is not a delivery report.
var ErrNoReport = errors.New("the message does not report mail that could not be delivered (RFC 3464)")

// ParseFailures decodes failures in JSON: one {"address": "…", "status":
// "5.1.1"}, or several in an array.
func ParseFailures(r io.Reader) ([]Failure, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxReport))
	if err != nil {
		return nil, fmt.Errorf("read failures: %w", err)
	}
	var all []Failure
	if err := json.Unmarshal(data, &all); err != nil {
		var one Failure
		if json.Unmarshal(data, &one) != nil {
			return nil, errors.New(`read failures: that is not JSON of the form {"address": "name@example.org", "status": "5.1.1"}, or an array of such`)
		}
		all = []Failure{one}
	}
	if len(all) > maxFailures {
		return nil, fmt.Errorf("read failures: there are %d, and %d are the limit", len(all), maxFailures)
	}
	for i, f := range all {
		if all[i].Address, err = ParseAddress(f.Address); err != nil {
			return nil, fmt.Errorf("read failures: failure %d: %w", i+1, err)
		}
		if f.Status == "" {
			return nil, fmt.Errorf("read failures: failure %d: there is no status; write one such as 5.1.1 (RFC 3463)", i+1)
		}
	}
	return all, nil
}

// ParseReport parses a delivery report of a mail server (RFC 3464). The error
// is ErrNoReport for any other message.
func ParseReport(r io.Reader) ([]Failure, error) {
	m, err := mail.ReadMessage(io.LimitReader(r, maxReport))
	if err != nil {
		return nil, ErrNoReport
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["boundary"] == "" {
		return nil, ErrNoReport
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart()
		if err != nil {
			return nil, ErrNoReport
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if kind == "message/delivery-status" {
			return failuresIn(p)
		}
	}
}

// failuresIn reads the fields of a delivery status: first those of the message,
// then a group for each recipient.
func failuresIn(r io.Reader) ([]Failure, error) {
	fields := textproto.NewReader(bufio.NewReader(r))
	var all []Failure
	for len(all) < maxFailures {
		group, err := fields.ReadMIMEHeader()
		if f, ok := failureIn(group); ok {
			all = append(all, f)
		}
		if err != nil {
			break
		}
	}
	if all == nil {
		return nil, ErrNoReport
	}
	return all, nil
}

// failureIn reads one recipient's group (RFC 3464 §2.3); ok is false if it does
// not report a failure.
func failureIn(group textproto.MIMEHeader) (f Failure, ok bool) {
	if !strings.EqualFold(strings.TrimSpace(group.Get("Action")), "failed") {
		return f, false
	}
	recipient := group.Get("Original-Recipient") // the address before any forwarding
	if recipient == "" {
		recipient = group.Get("Final-Recipient")
	}
	kind, address, _ := strings.Cut(recipient, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "rfc822") {
		return f, false
	}
	f.Address, _ = ParseAddress(strings.Trim(strings.TrimSpace(address), "<>"))
	f.Status, _, _ = strings.Cut(strings.TrimSpace(group.Get("Status")), " ")
	return f, f.Address != "" && f.Status != ""
}
