package newsletter

import (
	"errors"
	"fmt"
)

// A SetupError is a setting without which nothing can be sent.
type SetupError struct {
	Problem string
	Remedy  string
}

func (e *SetupError) Error() string {
	return fmt.Sprintf("newsletter: %s; %s", e.Problem, e.Remedy)
}

// A NoteError is a note that cannot be set.
type NoteError struct {
	Problem string
	Remedy  string
}

func (e *NoteError) Error() string { return e.Problem + "; " + e.Remedy }

// An UnfinishedError is a digest that some recipients did not get yet. Run
// goes on with it, and so does the next Send.
type UnfinishedError struct {
	Digest string
	Open   int   // recipients; 0 where listmonk has not told of any
	Err    error // why, without anybody's address
}

func (e *UnfinishedError) Error() string {
	if e.Open == 0 {
		return fmt.Sprintf("digest %s is not handed over yet: %v; it is tried again while the process runs, or by sending once more", e.Digest, e.Err)
	}
	return fmt.Sprintf("digest %s: %d recipients did not get it yet: %v; it is tried again while the process runs, or by sending once more",
		e.Digest, e.Open, e.Err)
}

func (e *UnfinishedError) Unwrap() error { return e.Err }

var (
	// errNeedsRebuild is returned where pending.json does not fit channel.json or
	// the ledger. The position is zero then, so the draft is made anew.
	errNeedsRebuild = errors.New(pendingFile + " does not belong to what the newsletter shows; rebuild the newsletter")
	// errOlder says that an edition is older than what is shown.
	errOlder = errors.New("a later changeset is shown already")
	// errStale says that a draft does not begin where the last digest ended.
	errStale = errors.New("the draft is not up to date with the digests that were sent; rebuild the newsletter")
)

// errNoBroker is what a newsletter without JetStream comes to.
var errNoBroker = &SetupError{"there is no broker to note on what was sent", "set nats.url, or leave it out for an embedded one"}

// errNoRecipients says that a digest that somebody asks for would go to nobody.
var errNoRecipients = &SetupError{"there is nobody to send to", "set newsletter.recipients, or import subscribers"}

// Ready returns a *SetupError where something is missing without which only
// drafts are made, or nil.
func (n *Newsletter) Ready() error {
	if n.campaigns == nil {
		if err := n.checkMail(); err != nil {
			return err
		}
	}
	if n.JetStream == nil {
		return errNoBroker
	}
	return nil
}

func (n *Newsletter) checkMail() error {
	switch {
	case n.campaigns != nil:
		return &SetupError{"listmonk sends the digests, and netsync mails nobody itself", "subscribe people in listmonk, or set newsletter.smtp instead of newsletter.listmonk"}
	case n.SMTP == "":
		return &SetupError{"there is no mail server", "set newsletter.smtp"}
	case n.sender.from == nil:
		return &SetupError{"there is no sender", "set newsletter.from"}
	}
	return nil
}
