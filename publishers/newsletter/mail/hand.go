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

// hand hands over one message. The connection must be open.
func (c *Connection) hand(m Message) Result {
	c.used = true
	failed, err := c.transact(m)
	if err == nil {
		return Result{Outcome: Sent}
	}
	r, usable := resultOf(failed, err)
	if !usable || failed != stepDot && !c.reset() { // the dot ends a transaction, whatever the answer
		c.drop()
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
		r := c.hand(m)
		if r.Outcome != "" || r.Stop || !reused || c.smtp != nil {
			return r, nil
		}
	}
}

// transact goes through the steps, and returns the one that failed. There is
// no RSET between messages: the next MAIL begins anew by itself.
func (c *Connection) transact(m Message) (step, error) {
	if failed, err := c.envelope(m); err != nil {
		return failed, err
	}
	if err := writeContent(c.smtp.Text.W, m.Data); err != nil {
		return stepContent, err
	}
	if err := c.answer(250); err != nil {
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

// envelope says who a message is from and to, and asks for its content: at once
// where the server takes commands so (RFC 2920 §3.1).
func (c *Connection) envelope(m Message) (step, error) {
	all := []request{
		{stepMail, "MAIL FROM:" + path(m.From) + c.mail, 250},
		{stepRcpt, "RCPT TO:" + path(m.To), 25},
		{stepData, "DATA", 354},
	}
	if c.pipelines {
		return c.ask(all...)
	}
	for _, one := range all {
		if failed, err := c.ask(one); err != nil {
			return failed, err
		}
	}
	return "", nil
}

// ask says commands in one piece, reads the answers to all of them, and returns
// the first that failed.
func (c *Connection) ask(all ...request) (failed step, wrong error) {
	var lines []string
	for _, r := range all {
		if strings.ContainsAny(r.command, "\r\n") { // no address that was checked has one
			return r.step, errors.New("a command of two lines")
		}
		lines = append(lines, r.command)
	}
	say := func() error { return c.smtp.Text.PrintfLine("%s", strings.Join(lines, "\r\n")) }
	if err := c.command(say); err != nil {
		return all[0].step, err
	}
	for _, r := range all {
		err := c.answer(r.want)
		switch {
		case err != nil && wrong == nil:
			failed, wrong = r.step, err
		case err == nil && wrong != nil && r.step == stepData:
			// It waits for content that goes to nobody. Cut off before the dot, it
			// is no message.
			c.drop()
		}
		if code := codeOf(wrong); wrong != nil && (code == 0 || code == codeClosing) { // no other answer would come
			break
		}
	}
	return failed, wrong
}

// answer waits for an answer that says yes.
func (c *Connection) answer(want int) error {
	return c.command(func() error {
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

// reset takes back what was begun; it is false where the server does not.
func (c *Connection) reset() bool { return c.smtp != nil && c.command(c.smtp.Reset) == nil }

// command gives the server its time to answer.
func (c *Connection) command(do func() error) error {
	if err := c.smtp.UpdateDeadline(answerLimit); err != nil {
		return err
	}
	return do()
}

// path writes an address as commands have it (RFC 5321 §4.1.2).
func path(address string) string { return (&mail.Address{Address: address}).String() }
