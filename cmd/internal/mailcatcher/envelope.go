package mailcatcher

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"time"
)

const (
	returnPath  = "Return-Path: "
	deliveredTo = "Delivered-To: "
	receivedBy  = "Received: by localhost (netsync mail catcher); "
)

// envelopeHeader is what final delivery adds on top (RFC 5321 §4.4): who the
// message was really for, blind copies among them. The last line sets it
// apart from what the sender wrote, who may write the same fields.
func envelopeHeader(from string, recipients []string, received time.Time) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, returnPath+"<%s>\r\n", oneLine(from))
	for _, to := range recipients {
		fmt.Fprintf(&b, deliveredTo+"%s\r\n", oneLine(to))
	}
	b.WriteString(receivedBy + received.Format(time.RFC1123Z) + "\r\n")
	return b.Bytes()
}

// readEnvelope reads what envelope wrote and gives the recipients.
func readEnvelope(r *bufio.Reader) []string {
	var recipients []string
	if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, returnPath) {
		return nil
	}
	for {
		line, err := r.ReadString('\n')
		to, ok := strings.CutPrefix(line, deliveredTo)
		if err != nil || !ok {
			return recipients
		}
		recipients = append(recipients, strings.TrimSpace(to))
	}
}
