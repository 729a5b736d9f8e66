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

// A step is a part of handing over one message (RFC 5321 §3.3), in the words
// that say that it failed.
type step string

const (
	stepMail    step = "the sender was not taken"
	stepRcpt    step = "the recipient was not taken"
	stepData    step = "the message was not asked for"
	stepContent step = "the message was cut off"
	stepDot     step = "the message was not taken"
)

// sendOnce sends one message over a connection, which must be open.
func (c *Connection) sendOnce(m Message) Result {
	c.used = true
	failed, err := c.sendMessage(m)
	if err == nil {
		return Result{Outcome: Sent}
	}
	r, usable := newResult(failed, err)
	if !usable || failed != stepDot && !c.resetTransaction() { // the dot ends a transaction, whatever the answer
		c.abort()
	}
	return r
}

// Send hands over one message, which write makes in room that it may write over. A
// connection that others went over may have grown old: then a new one is tried.
// After an error nothing was handed over.
func (c *Connection) Send(ctx context.Context, write func(room []byte) (Message, error)) (Result, error) {
	m, err := write(c.room)
	if err != nil {
		return Result{}, err
	}
	defer func() { c.room = m.Data }() // of whichever connection it is then
	for {
		if err := c.Open(ctx); err != nil {
			return Result{}, err
		}
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		reused := c.used
		r := c.sendOnce(m)
		if r.Outcome != "" || r.Stop || !reused || c.smtp != nil {
			return r, nil
		}
	}
}

// sendMessage makes the steps, and returns the one that failed. There is no RSET
// between messages: the next MAIL starts another transaction.
func (c *Connection) sendMessage(m Message) (step, error) {
	if failed, err := c.sendEnvelope(m); err != nil {
		return failed, err
	}
	if err := writeContent(c.smtp.Text.W, m.Data); err != nil {
		return stepContent, err
	}
	if err := c.readAnswer(250); err != nil {
		return stepDot, err
	}
	return "", nil
}

// A request is a command, and the answer that it is to get.
type request struct {
	step    step
	command string
	want    int // or, for less than three digits, how it begins
}

// sendEnvelope sends MAIL, RCPT and DATA: in one piece if the server accepts that
// (RFC 2920 §3.1).
func (c *Connection) sendEnvelope(m Message) (step, error) {
	all := []request{
		{stepMail, "MAIL FROM:" + formatPath(m.From) + c.mail, 250},
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

// sendCommands sends commands in one piece, reads the answers to all of them, and
// returns the first that failed.
func (c *Connection) sendCommands(all ...request) (failed step, wrong error) {
	var lines []string
	for _, r := range all {
		if strings.ContainsAny(r.command, "\r\n") { // no address that was checked has one
			return r.step, errors.New("a command of two lines")
		}
		lines = append(lines, r.command)
	}
	say := func() error { return c.smtp.Text.PrintfLine("%s", strings.Join(lines, "\r\n")) }
	if err := c.withDeadline(say); err != nil {
		return all[0].step, err
	}
	for _, r := range all {
		err := c.readAnswer(r.want)
		switch {
		case err != nil && wrong == nil:
			failed, wrong = r.step, err
		case err == nil && wrong != nil && r.step == stepData:
			// It waits for content that goes to nobody. Cut off before the dot, it
			// is no message.
			c.abort()
		}
		if code := answerCode(wrong); wrong != nil && (code == 0 || code == codeClosing) { // no other answer would come
			break
		}
	}
	return failed, wrong
}

// readAnswer waits for a positive answer.
func (c *Connection) readAnswer(want int) error {
	return c.withDeadline(func() error {
		_, _, err := c.smtp.Text.ReadResponse(want)
		return err
	})
}

// lastLine ends a message.
const lastLine = ".\r\n"

// writeContent writes a message as RFC 5321 §4.5.2 has it, and the dot behind it.
// Most have nothing in them that it changes, and go out in one piece.
func writeContent(w *bufio.Writer, data []byte) error {
	if !isPlain(data) {
		dotted := textproto.NewWriter(w).DotWriter()
		if _, err := dotted.Write(data); err != nil {
			return err
		}
		return dotted.Close()
	}
	if _, err := w.Write(append(data, lastLine...)); err != nil {
		return err
	}
	return w.Flush()
}

// isPlain reports whether all lines end as they must, and none begins with a dot.
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

// resetTransaction ends a transaction; it returns false if the server does not.
func (c *Connection) resetTransaction() bool {
	return c.smtp != nil && c.withDeadline(c.smtp.Reset) == nil
}

// withDeadline limits how long the server may take to answer.
func (c *Connection) withDeadline(do func() error) error {
	if err := c.smtp.UpdateDeadline(answerLimit); err != nil {
		return err
	}
	return do()
}

// formatPath returns an address in the form of commands (RFC 5321 §4.1.2).
func formatPath(address string) string { return (&mail.Address{Address: address}).String() }
