// Package subscribers stores the subscribers of the digest and their
// preferences in a key-value bucket beside the dataset's stream.
//
// Only the bucket's values have addresses: keys, links and logs have ids, which
// cannot be computed without the bucket's secret. An address is stored only
// after its owner has confirmed; until then the request is only in the
// confirmation link.
package subscribers

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"netsync/schema"
	"netsync/schema/event"
)

// A Frequency is how often a subscriber gets a digest.
type Frequency string

// Frequencies. The schedule sets when there is a digest; by default it is
// weekly.
const (
	Weekly  Frequency = "weekly"  // every digest
	Monthly Frequency = "monthly" // the first of each month
)

// Frequencies returns all frequencies.
func Frequencies() []Frequency { return []Frequency{Weekly, Monthly} }

// Preferences are the choices of a subscriber.
type Preferences struct {
	Language  string    `json:"language,omitempty"` // of the dataset; "" is its first
	Frequency Frequency `json:"frequency"`
	// Topics are terms of the dataset's vocabulary, sorted; none means all
	// changes.
	Topics []string `json:"topics,omitempty"`
}

// Origins of a subscription.
const (
	ByForm   = "form"   // confirmed by mail
	ByImport = "import" // added by an operator
)

// A Subscriber receives the digest.
type Subscriber struct {
	ID      string `json:"-"` // the key; does not reveal the address
	Address string `json:"address"`
	Preferences
	Origin    string    `json:"origin"`
	Confirmed time.Time `json:"confirmed"` // or imported

	// Told is the last changeset event that was announced to them: in the last
	// digest or, before the first, in the digest that preceded their
	// subscription.
	Told event.Seq `json:"told"`
	// Base is the epoch of the stream that Told counts in; "" if the stream was
	// never made again.
	Base string `json:"base,omitempty"`
	// Month is that of the last digest, such as 2026-11: monthly subscribers
	// get one in each.
	Month string `json:"month,omitempty"`
	// Last is the delivery of the last digest.
	Last *Delivery `json:"last,omitempty"`
	// Bounces counts hard bounces, each soon after the one before.
	Bounces int `json:"bounces,omitempty"`
	// Bounced is the time of the last bounce.
	Bounced time.Time `json:"bounced,omitzero"`
	// Suspended is when mail to them stopped because it bounced.
	Suspended time.Time `json:"suspended,omitzero"`

	revision uint64 // expected by a write; 0 if not read
}

// A Short is the beginning of an id, to save memory: eight bytes of a hash,
// which two of a million subscribers share once in thirty million lists.
type Short [8]byte

// Short returns the beginning of the subscriber's id.
func (s Subscriber) Short() (short Short) {
	_, _ = hex.Decode(short[:], []byte(s.ID[:min(len(s.ID), 2*len(short))])) // ids are hexadecimal
	return short
}

// A Delivery is the state of one message.
type Delivery struct {
	Digest string    `json:"digest"` // its key
	State  string    `json:"state"`
	Code   int       `json:"code,omitempty"` // of the server's answer (RFC 5321 §4.2)
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`     // the process that claimed it
	Number int       `json:"number,omitempty"` // the number of its claim
	Open   []int     `json:"open,omitempty"`   // its earlier claims still in progress

	// The earlier values, restored if the message was surely not accepted.
	Told  event.Seq `json:"told"`
	Base  string    `json:"base,omitempty"`
	Month string    `json:"month,omitempty"`
}

// Limits for suspending. A mailbox that only refuses mail now and then still
// works.
const (
	maxBounces  = 3
	bouncesLast = 90 * 24 * time.Hour
)

// Bounce records a hard bounce, and reports whether it suspends the subscriber.
func (s *Subscriber) Bounce(now time.Time) (suspended bool) {
	if now.Sub(s.Bounced) > bouncesLast {
		s.Bounces = 0
	}
	s.Bounces++
	s.Bounced = now.UTC().Truncate(time.Second)
	if s.Bounces < maxBounces || !s.Suspended.IsZero() {
		return false
	}
	s.Suspended = s.Bounced
	return true
}

// Errors of an address or of a preference name the valid choices.
var (
	ErrAddress = errors.New("that is not a mail address; write name@example.org")
	// ErrUnknown is returned for an unknown id or address.
	ErrUnknown = errors.New("there is no such subscriber")
)

// maxAddress is the maximum length of an address (RFC 5321 §4.5.3.1.3).
const maxAddress = 254

// ParseAddress parses one bare address (RFC 5321 §4.1.2). The error does not
// quote it, to keep addresses out of logs.
func ParseAddress(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(a.Address) > maxAddress || strings.ContainsFunc(a.Address, isForbidden) {
		return "", ErrAddress
	}
	if at := strings.LastIndexByte(a.Address, '@'); at < 1 || at == len(a.Address)-1 {
		return "", ErrAddress
	}
	return a.Address, nil
}

// isForbidden reports whether a character could end an address in a dialogue or
// a header, or is invisible, such as a direction mark.
func isForbidden(r rune) bool {
	return r == ' ' || r == '<' || r == '>' || r == '"' || !unicode.IsPrint(r)
}

// An Offer lists the choices of a dataset.
type Offer struct {
	Languages []string               // the first is the default
	Topics    map[string]schema.Text // labels by term
}

// Check normalizes preferences. The error names the first invalid one.
func (o Offer) Check(p Preferences) (Preferences, error) {
	if p.Frequency == "" {
		p.Frequency = Weekly
	}
	if !slices.Contains(Frequencies(), p.Frequency) {
		return p, fmt.Errorf("there is no frequency %q; there are weekly and monthly", p.Frequency)
	}
	if p.Language != "" && !slices.Contains(o.Languages, p.Language) {
		return p, fmt.Errorf("there is no language %q; there are %s", p.Language, strings.Join(o.Languages, ", "))
	}
	p.Topics = slices.Compact(slices.Sorted(slices.Values(p.Topics)))
	for _, topic := range p.Topics {
		if _, ok := o.Topics[topic]; !ok {
			return p, fmt.Errorf("there is no topic %q; see vocabularies.topics in the dataset's manifest", topic)
		}
	}
	if len(p.Topics) == 0 {
		p.Topics = nil
	}
	return p, nil
}

// foldAddress normalizes an address. A server may distinguish letter case (RFC
// 5321 §2.4), but none is known that gives both spellings to different people.
func foldAddress(address string) string { return strings.ToLower(address) }
