package main

import (
	"netsync/cmd/internal/ops"
	"netsync/publishers/newsletter/signup"
)

// desk makes the pages where people subscribe to the newsletter of this
// process; nil where it has none. Who is on the list can leave even where
// nobody can join: without a mail server nobody could confirm it.
func (n *node) desk() (*signup.Desk, error) {
	letter := n.letter()
	if letter == nil {
		return nil, nil
	}
	c := n.cfg.Newsletter
	return signup.New(signup.Config{
		Letter:      letter,
		Open:        c.Signup && c.SMTP != "" && c.From != "",
		Website:     n.cfg.Website.BaseURL,
		BounceToken: c.BounceToken.Reveal(),
		Address:     n.clients.Address,
		Observe:     func(o signup.Outcome) { n.metrics.Invitation(ops.InvitationOutcome(o)) },
		Log:         n.log.Named("signup"),
	})
}
