package newsletter

import (
	"context"
	"iter"

	"netsync/publishers/newsletter/mail"
)

// A recipient is one who gets a digest. What became of its message is marked
// where its kind of recipients keeps that, so that nobody gets it twice.
type recipient interface {
	// readMark reads the mark; it is false where there is none.
	readMark(context.Context) (mark, bool, error)
	// claimMark marks the recipient as the one that is sent to next. It is false
	// where somebody did so before; then the mark that counts is theirs. After
	// an error the recipient may be marked all the same.
	claimMark(context.Context, mark) (mark, bool, error)
	// recordMark notes that a message that was claimed here was not sent, or may
	// not have been.
	recordMark(context.Context, mark) error
	// releaseClaim takes a claim back: the server has surely not taken the message.
	releaseClaim(context.Context) error
	// composeMessage makes the message, in room that may be written over. The same
	// recipient gets the same one each time that it is asked for.
	composeMessage(ctx context.Context, room []byte) (mail.Message, error)
}

// listedRecipients is a recipient that the configuration names. All of them get the same
// letter.
type listedRecipient struct {
	markEntry
	to         string
	letter     letter
	template   mail.Template   // of the letter
	knownMarks map[string]mark // when the digest was begun or gone on with
}

var _ recipient = listedRecipient{}

func (r listedRecipient) composeMessage(_ context.Context, room []byte) (mail.Message, error) {
	return r.letter.fillTemplate(r.template, room, r.to)
}

// readMark looks at what was known: one question for all recipients. Whoever was
// marked since is found out by claim.
func (r listedRecipient) readMark(context.Context) (mark, bool, error) {
	m, ok := r.knownMarks[r.key]
	return m, ok, nil
}

// allRecipients are all who get a digest, for a run by that id.
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

// listedRecipients are all addresses that the configuration names.
func (n *Newsletter) listedRecipients(ctx context.Context, l ledger, says letter) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		known, err := l.readMarks(ctx, says.Sent)
		if err != nil {
			yield(nil, err)
			return
		}
		f, err := says.newTemplate()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, to := range n.sender.to {
			if !yield(listedRecipient{markEntry{l, l.markKey(says.Sent, to)}, to, says, f, known}, nil) {
				return
			}
		}
	}
}
