package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/mail"
	"net/textproto"
	"strings"
)

// A sendStep is a step of sending a message (RFC 5321 §3.3), worded as its
// failure.
type sendStep string

const (
	stepMail    sendStep = "the sender was not taken"
	stepRcpt    sendStep = "the recipient was not taken"
	stepData    sendStep = "the message was not asked for"
	stepContent sendStep = "the message was cut off"
	stepDot     sendStep = "the message was not taken"
)

// sendOnce sends a message over an open connection.
func (c *Connection) sendOnce(m Message) Result {
	c.used = true
	failed, err := c.sendMessage(m)
	if err == nil {
		return Result{Outcome: Sent}
	}
	r, usable := newResult(failed, err)
	if !usable || failed != stepDot && !c.resetTransaction() { // the dot ends the transaction in any case
		c.dropConnection()
	}
	return r
}

// Send sends one message. If a connection that was used before turns out to be
// closed, it tries a new one. After an error nothing was sent.
func (c *Connection) Send(ctx context.Context, m Message) (Result, error) {
	for {
		if err := c.Open(ctx); err != nil {
			return Result{}, err
		}
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		reused := c.used
		r := c.sendOnce(m)
		if r.Outcome != "" || r.Stop || !reused || c.session != nil {
			return r, nil
		}
	}
}

// sendMessage performs the steps, and returns the one that failed. It needs no
// RSET between messages: the next MAIL starts a new transaction.
func (c *Connection) sendMessage(m Message) (sendStep, error) {
	if failed, err := c.sendEnvelope(m); err != nil {
		return failed, err
	}
	if err := writeContent(c.session.Text.W, m.Data); err != nil {
		return stepContent, err
	}
	if err := c.readAnswer(250); err != nil {
		return stepDot, err
	}
	return "", nil
}

// A request is a command and its expected response.
type request struct {
	step    sendStep
	command string
	want    int // code, or its first digits
}

// sendEnvelope sends MAIL, RCPT and DATA, in one write if the server supports
// pipelining (RFC 2920 §3.1).
func (c *Connection) sendEnvelope(m Message) (sendStep, error) {
	all := []request{
		{stepMail, "MAIL FROM:" + formatPath(m.From) + c.mailParameters, 250},
		{stepRcpt, "RCPT TO:" + formatPath(m.To), 25},
		{stepData, "DATA", 354},
	}
	if c.pipelines {
		return c.sendCommands(all...)
	}
	for _, one := range all {
		if failed, err := c.sendCommands(one); err != nil {
			return failed, err
		}
	}
	return "", nil
}

// sendCommands sends commands in one write, reads all responses, and returns
// the first command that failed.
func (c *Connection) sendCommands(all ...request) (failed sendStep, failure error) {
	var lines []string
	for _, r := range all {
		if strings.ContainsAny(r.command, "\r\n") { // impossible in a valid address
			return r.step, errors.New("a command of two lines")
		}
		lines = append(lines, r.command)
	}
	write := func() error { return c.session.Text.PrintfLine("%s", strings.Join(lines, "\r\n")) }
	if err := c.withDeadline(write); err != nil {
		return all[0].step, err
	}
	for _, r := range all {
		err := c.readAnswer(r.want)
		switch {
		case err != nil && failure == nil:
			failed, failure = r.step, err
		case err == nil && failure != nil && r.step == stepData:
			// The server waits for content without a recipient. Closing before the
			// dot discards it.
			c.dropConnection()
		}
		if code := answerCode(failure); failure != nil && (code == 0 || code == codeClosing) { // no further response will come
			break
		}
	}
	return failed, failure
}

// readAnswer reads a response, which must be positive.
func (c *Connection) readAnswer(want int) error {
	return c.withDeadline(func() error {
		_, _, err := c.session.Text.ReadResponse(want)
		return err
	})
}

// endOfData ends a message.
const endOfData = ".\r\n"

// writeContent writes a message with dot-stuffing (RFC 5321 §4.5.2) and the
// final dot. Most messages need no stuffing, and are written at once.
func writeContent(w *bufio.Writer, data []byte) error {
	if !isPlain(data) {
		dotted := textproto.NewWriter(w).DotWriter()
		if _, err := dotted.Write(data); err != nil {
			return err
		}
		return dotted.Close()
	}
	if _, err := w.Write(append(data, endOfData...)); err != nil {
		return err
	}
	return w.Flush()
}

// isPlain reports whether all lines end in CRLF and none begins with a dot.
func isPlain(data []byte) bool {
	lines := 0
	for rest := data; len(rest) > 0; lines++ {
		end := bytes.IndexByte(rest, '\n')
		if rest[0] == '.' || end < 1 || rest[end-1] != '\r' {
			return false
		}
		rest = rest[end+1:]
	}
	return lines > 0 && bytes.Count(data, []byte("\r")) == lines
}

// resetTransaction ends a transaction, and reports whether the server did.
func (c *Connection) resetTransaction() bool {
	return c.session != nil && c.withDeadline(c.session.Reset) == nil
}

// withDeadline calls do with a deadline for the server.
func (c *Connection) withDeadline(do func() error) error {
	if err := c.session.UpdateDeadline(answerLimit); err != nil {
		return err
	}
	return do()
}

// formatPath returns an address as in commands (RFC 5321 §4.1.2).
func formatPath(address string) string { return (&mail.Address{Address: address}).String() }
