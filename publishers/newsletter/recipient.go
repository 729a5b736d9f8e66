package newsletter

import (
	"context"
	"iter"

	"netsync/publishers/newsletter/mail"
)

// A recipient gets a digest. Its mark prevents that it gets the digest twice.
type recipient interface {
	// readMark returns the mark, if there is one.
	readMark(context.Context) (mark, bool, error)
	// claimMark claims the recipient's message. ok is false if another process
	// did so before; then it returns that mark. After an error the recipient
	// may be claimed all the same.
	claimMark(context.Context, mark) (mark, bool, error)
	// recordMark records that a claimed message was not sent, or may not have
	// been.
	recordMark(context.Context, mark) error
	// releaseClaim removes a claim: the server certainly did not accept the
	// message.
	releaseClaim(context.Context) error
	// composeMessage returns the message. Each call gives the same one.
	composeMessage(ctx context.Context) (mail.Message, error)
}

// A listedRecipient is a recipient from the configuration. All of them get the
// same letter.
type listedRecipient struct {
	markEntry
	to         string
	letter     letter
	knownMarks map[string]mark // when this process began or resumed the digest
}

var _ recipient = listedRecipient{}

func (r listedRecipient) composeMessage(context.Context) (mail.Message, error) {
	return r.letter.messageTo(r.to)
}

// readMark uses the marks that were read at once for all recipients. claimMark
// detects later ones.
func (r listedRecipient) readMark(context.Context) (mark, bool, error) {
	m, ok := r.knownMarks[r.key]
	return m, ok, nil
}

// allRecipients yields all recipients of a digest, for a run with that id.
func (n *Newsletter) allRecipients(ctx context.Context, l ledger, s Sent, c content, a *audience, run string) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		if !s.Monthly {
			for r, err := range n.listedRecipients(ctx, l, letter{sender: n.sender, Sent: s, content: c, dataset: l.dataset}) {
				if !yield(r, err) {
					return
				}
			}
		}
		for r, err := range a.listRecipients(ctx, run) {
			if !yield(r, err) {
				return
			}
		}
	}
}

// listedRecipients yields the recipients of the configuration.
func (n *Newsletter) listedRecipients(ctx context.Context, l ledger, says letter) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		marks, err := l.readMarks(ctx, says.Sent)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, to := range n.sender.to {
			if !yield(listedRecipient{markEntry{l, l.markKey(says.Sent, to)}, to, says, marks}, nil) {
				return
			}
		}
	}
}
