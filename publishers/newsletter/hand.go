package newsletter

import (
	"net/mail"
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
	if err := c.smtp.UpdateDeadline(answerLimit); err != nil {
		return stepData, err
	}
	w, err := c.smtp.Data()
	if err != nil {
		return stepData, err
	}
	if _, err := w.Write(m.data); err != nil {
		return stepContent, err
	}
	if err := c.command(w.Close); err != nil {
		return stepDot, err
	}
	return "", nil
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
