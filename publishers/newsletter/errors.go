package newsletter

import (
	"errors"
	"fmt"
)

// A SetupError reports a missing setting that sending requires.
type SetupError struct {
	Problem string
	Remedy  string
}

func (e *SetupError) Error() string {
	return fmt.Sprintf("newsletter: %s; %s", e.Problem, e.Remedy)
}

// A NoteError reports a note that cannot be set.
type NoteError struct {
	Problem string
	Remedy  string
}

func (e *NoteError) Error() string { return e.Problem + "; " + e.Remedy }

// An UnfinishedError reports that some recipients did not get a digest yet. Run
// continues it, and so does the next Send.
type UnfinishedError struct {
	Digest string
	Open   int   // recipients; 0 if listmonk did not report any
	Err    error // the reason, without addresses
}

func (e *UnfinishedError) Error() string {
	if e.Open == 0 {
		return fmt.Sprintf("digest %s is not handed over yet: %v; it is tried again while the process runs, or by sending once more", e.Digest, e.Err)
	}
	return fmt.Sprintf("digest %s: %d recipients did not get it yet: %v; it is tried again while the process runs, or by sending once more",
		e.Digest, e.Open, e.Err)
}

func (e *UnfinishedError) Unwrap() error { return e.Err }

// errNoBroker is returned without JetStream.
var errNoBroker = &SetupError{"there is no broker to note on what was sent", "set nats.url, or leave it out for an embedded one"}

// errNoRecipients is returned if a requested digest has no recipients.
var errNoRecipients = &SetupError{"there is nobody to send to", "set newsletter.recipients, or import subscribers"}

// Ready returns a *SetupError if a setting that sending requires is missing, or
// nil.
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

var (
	// errOlder is returned for an edition that is older than the draft.
	errOlder = errors.New("a later changeset is shown already")
	// errStale is returned if a draft does not begin where the last digest
	// ended.
	errStale = errors.New("the draft is not up to date with the digests that were sent; rebuild the newsletter")
)
