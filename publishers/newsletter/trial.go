package newsletter

import (
	"context"
	"errors"
	"fmt"
)

// SendTest sends the draft to one address, marked as a test. It leaves no
// trace in the ledger, so a test may be sent as often as somebody likes, and
// the digest goes out later as if there had been none.
func (n *Newsletter) SendTest(ctx context.Context, address string) error {
	to, err := parseAddress(address)
	if err != nil {
		return err
	}
	if err := n.canMail(); err != nil {
		return err
	}
	d, err := n.draft()
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	c, err := n.freeze(d)
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	now := n.Now()
	s := digestOf(d, c, now, now, 1)
	s.ID, s.Subject = fmt.Sprintf("test-%d-%s", now.UnixNano(), s.ID), "[Test] "+s.Subject
	m, err := letter{n.sender, s, c, d.Dataset}.to(to.Address)
	if err != nil {
		return err
	}
	conn := &connection{server: n.server}
	if err := conn.open(ctx); err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	defer conn.close()
	if o := conn.hand(m); o.state != stateSent {
		return fmt.Errorf("newsletter: the test was not sent: %w", errors.New(o.reason))
	}
	return nil
}
