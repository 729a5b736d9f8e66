package newsletter

import (
	"context"
	"errors"
	"fmt"

	"netsync/publishers/newsletter/draft"
	"netsync/publishers/newsletter/mail"
)

// currentDraft returns the draft, updated if there is a ledger.
func (n *Newsletter) currentDraft(ctx context.Context) (draft.Draft, error) {
	d, err := n.readDraft()
	if err != nil {
		return d, err
	}
	l, ok, err := n.findLedger(ctx, d.Dataset)
	if err != nil || !ok {
		return d, err
	}
	h, err := l.readHistory(ctx)
	if err != nil {
		return d, err
	}
	d, _, err = n.freshDraft(ctx, l, h)
	return d, err
}

// SendTest sends the draft to one address, marked as a test. It records
// nothing, so tests do not affect the digest. By listmonk, it can only be sent
// to an address that listmonk knows.
func (n *Newsletter) SendTest(ctx context.Context, address string) error {
	to, err := parseAddress(address)
	if err != nil {
		return err
	}
	if n.campaigns == nil {
		if err := n.checkMail(); err != nil {
			return err
		}
	}
	d, err := n.currentDraft(ctx)
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	c, err := n.freezeDraft(d)
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	now := n.Now()
	s := digestOf(d, c, now, now, 1)
	s.ID, s.Subject = fmt.Sprintf("test-%d-%s", now.UnixNano(), s.ID), "[Test] "+s.Subject
	if n.campaigns != nil {
		return n.testCampaign(ctx, d.Dataset, s, c, to.Address)
	}
	m, err := letter{sender: n.sender, Sent: s, content: c, dataset: d.Dataset}.messageTo(to.Address)
	if err != nil {
		return err
	}
	if err := n.sendMail(ctx, m); err != nil {
		return fmt.Errorf("newsletter: the test was not sent: %w", err)
	}
	return nil
}

// sendMail sends one message that is not a digest. The error contains no
// address.
func (n *Newsletter) sendMail(ctx context.Context, m mail.Message) error {
	conn := mail.NewConnection(n.server)
	defer conn.Close()
	r, err := conn.Send(ctx, m)
	if err == nil && r.Outcome != mail.Sent {
		err = errors.New(r.Reason)
	}
	return err
}
