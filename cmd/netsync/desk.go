package main

import (
	"netsync/config"
	"netsync/publishers/newsletter/signup"
)

// desk makes the pages where people subscribe to the newsletter of this
// process; nil where it has none. Who is on the list can leave even where
// nobody can join.
func (n *node) desk() (*signup.Desk, error) {
	letter := n.letter()
	if letter == nil {
		return nil, nil
	}
	return signup.New(signup.Config{
		Letter:      letter,
		Open:        signupOpen(n.cfg),
		Website:     n.cfg.Website.BaseURL,
		BounceToken: n.cfg.Newsletter.BounceToken.Reveal(),
		Log:         n.log.Named("signup"),
	})
}

// signupOpen reports whether people can subscribe: where no mail is sent, nobody
// could confirm it.
func signupOpen(cfg *config.Config) bool {
	c := cfg.Newsletter
	return c.Signup && c.SMTP != "" && c.From != ""
}
