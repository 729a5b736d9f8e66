package newsletter

import (
	"context"
	"iter"

	"netsync/publishers/newsletter/mail"
)

// A recipient is one who gets a digest. What became of its message is marked
// where its kind of recipients keeps that, so that nobody gets it twice.
type recipient interface {
	// marked reads the mark; it is false where there is none.
	marked(context.Context) (mark, bool, error)
	// claim marks the recipient as the one that is sent to next. It is false
	// where somebody did so before; then the mark that counts is theirs. After
	// an error the recipient may be marked all the same.
	claim(context.Context, mark) (mark, bool, error)
	// settle notes that a message that was claimed here was not sent, or may
	// not have been.
	settle(context.Context, mark) error
	// release takes a claim back: the server has surely not taken the message.
	release(context.Context) error
	// message makes the message, in room that may be written over. The same
	// recipient gets the same one each time that it is asked for.
	message(ctx context.Context, room []byte) (mail.Message, error)
}

// listed is a recipient that the configuration names. All of them get the same
// letter.
type listed struct {
	slip
	to    string
	says  letter
	form  mail.Template   // of the letter
	known map[string]mark // when the digest was begun or gone on with
}

var _ recipient = listed{}

func (r listed) message(_ context.Context, room []byte) (mail.Message, error) {
	return r.says.fill(r.form, room, r.to)
}

// marked looks at what was known: one question for all recipients. Whoever was
// marked since is found out by claim.
func (r listed) marked(context.Context) (mark, bool, error) {
	m, ok := r.known[r.key]
	return m, ok, nil
}

// recipients are all who get a digest, for a run by that id.
func (n *Newsletter) recipients(ctx context.Context, l ledger, s Sent, c content, a *audience, run string) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		if !s.Monthly {
			for r, err := range n.listed(ctx, l, letter{sender: n.sender, Sent: s, content: c, dataset: l.dataset}) {
				if !yield(r, err) {
					return
				}
			}
		}
		for r, err := range a.all(ctx, run) {
			if !yield(r, err) {
				return
			}
		}
	}
}

// listed are all addresses that the configuration names.
func (n *Newsletter) listed(ctx context.Context, l ledger, says letter) iter.Seq2[recipient, error] {
	return func(yield func(recipient, error) bool) {
		known, err := l.marks(ctx, says.Sent)
		if err != nil {
			yield(nil, err)
			return
		}
		f, err := says.form()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, to := range n.sender.to {
			if !yield(listed{slip{l, l.markKey(says.Sent, to)}, to, says, f, known}, nil) {
				return
			}
		}
	}
}
