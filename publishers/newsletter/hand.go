package newsletter

import (
	"bufio"
	"bytes"
	"net/mail"
	"net/textproto"
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
func (c *connection) hand(m message) outcome {
	c.used = true
	failed, err := c.transact(m)
	if err == nil {
		return outcome{state: stateSent}
	}
	o, usable := outcomeOf(failed, err)
	if !usable || failed != stepDot && !c.reset() { // the dot ends a transaction, whatever the answer
		c.drop()
	}
	return o
}

// transact goes through the steps, and returns the one that failed. There is
// no RSET between messages: the next MAIL begins anew by itself.
func (c *connection) transact(m message) (step, error) {
	if err := c.command(func() error { return c.smtp.Mail(path(m.from)) }); err != nil {
		return stepMail, err
	}
	if err := c.command(func() error { return c.smtp.Rcpt(path(m.to)) }); err != nil {
		return stepRcpt, err
	}
	if err := c.command(func() error { return c.ask(354, "DATA") }); err != nil {
		return stepData, err
	}
	if err := writeContent(c.smtp.Text.W, m.data); err != nil {
		return stepContent, err
	}
	if err := c.command(func() error { return c.answer(250) }); err != nil {
		return stepDot, err
	}
	return "", nil
}

// ask says a command, and waits for the answer to it.
func (c *connection) ask(want int, command string) error {
	if err := c.smtp.Text.PrintfLine("%s", command); err != nil {
		return err
	}
	return c.answer(want)
}

func (c *connection) answer(want int) error {
	_, _, err := c.smtp.Text.ReadResponse(want)
	return err
}

// writeContent writes a message as RFC 5321 §4.5.2 has it, and the dot behind it.
// Most have nothing in them that it changes, and go out in one piece.
func writeContent(w *bufio.Writer, data []byte) error {
	lines := bytes.Count(data, []byte("\r\n"))
	isPlain := bytes.HasSuffix(data, []byte("\r\n")) && !bytes.HasPrefix(data, []byte(".")) && !bytes.Contains(data, []byte("\n.")) &&
		bytes.Count(data, []byte("\n")) == lines && bytes.Count(data, []byte("\r")) == lines
	if !isPlain {
		dotted := textproto.NewWriter(w).DotWriter()
		if _, err := dotted.Write(data); err != nil {
			return err
		}
		return dotted.Close()
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	if _, err := w.WriteString(".\r\n"); err != nil {
		return err
	}
	return w.Flush()
}

// reset takes back what was begun; it is false where the server does not.
func (c *connection) reset() bool { return c.command(c.smtp.Reset) == nil }

// command gives the server its time to answer.
func (c *connection) command(do func() error) error {
	if err := c.smtp.UpdateDeadline(answerLimit); err != nil {
		return err
	}
	return do()
}

// path writes an address as commands have it (RFC 5321 §4.1.2).
func path(address string) string { return (&mail.Address{Address: address}).String() }
