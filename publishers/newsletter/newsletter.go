// Package newsletter is the channel for mail: a digest of the net changes since
// the last one, as HTML and as text.
//
// A release of the newsletter is public: an archive of sent digests, as pages
// and as a feed. The draft of the next digest, with an editor's note, is in a
// folder of its own, [DraftsFolder], which no web server reads. Both are
// rendered from the stream and the ledger only, so rebuilding gives the same
// bytes as updating.
//
// Only the ledger, a key-value bucket beside the dataset's stream, records what
// was sent. A digest is identified by the changeset after which it begins. So
// concurrent senders, and a sender that continues after a crash, agree on one
// digest and on one message to each recipient.
package newsletter

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
	"netsync/publishers/newsletter/draft"
	"netsync/publishers/newsletter/listmonk"
	"netsync/publishers/newsletter/mail"
	"netsync/publishers/release"
	"netsync/schema/event"
)

// Name is the channel's name in folders, logs and commands.
const Name = "newsletter"

// Newsletter is the channel. It is safe for concurrent use.
type Newsletter struct {
	Config
	sender    sender
	server    mail.Server
	campaigns *listmonk.Client // nil if mail is sent by SMTP
	dir       *release.Dir     // public
	drafts    *release.Dir     // for operators
	templates *template.Template

	publishing   sync.Mutex   // held by Publish
	archiveCache archiveCache // of Publish
	sending      sync.Mutex   // held while a digest is sent
	lastReminder time.Time    // time of the last log message about a waiting digest
}

var _ publishers.Channel = (*Newsletter)(nil)

// New opens the newsletter's folder, creating it if needed. It starts nothing
// and contacts no server.
func New(c Config) (*Newsletter, error) {
	c = c.withDefaults()
	n, err := c.build()
	if err != nil {
		return nil, err
	}
	if n.dir, err = release.Open(c.Dir); err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	n.dir.Synced = c.Synced
	if n.drafts, err = openDrafts(filepath.Join(c.Dir, DraftsFolder)); err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	if n.templates, err = draft.ParseTemplates(); err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	return n, nil
}

// Name returns the channel's name.
func (n *Newsletter) Name() string { return Name }

// Position returns the position of the archive and the draft: the older one
// after a crash between their flips. If the data of the draft is lost, or
// begins after the end of the last digest, it returns the zero Position, so
// that both are rebuilt.
func (n *Newsletter) Position(ctx context.Context) (event.Position, error) {
	p, err := n.readPending()
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, draft.ErrNeedsRebuild) {
		return event.Position{}, nil
	}
	if err != nil {
		return event.Position{}, fmt.Errorf("newsletter: %w", err)
	}
	h, err := n.readHistory(ctx, p.Position.Dataset)
	if err != nil {
		return event.Position{}, fmt.Errorf("newsletter: %w", err)
	}
	if _, err := p.AdvanceStart(h.lastEnd()); err != nil || p.Base != h.base.Epoch {
		return event.Position{}, nil
	}
	return n.olderPosition(p.Position)
}

// olderPosition returns the position of the archive, or that of the draft if
// the archive is ahead. It returns zero for an archive of another stream.
func (n *Newsletter) olderPosition(draft event.Position) (event.Position, error) {
	shows, err := publishers.ReadPosition(n.dir.ReadFile)
	if err != nil {
		return event.Position{}, fmt.Errorf("newsletter: %w", err)
	}
	switch {
	case shows == draft || shows.Sequence > draft.Sequence:
		return draft, nil
	case shows.Sequence == draft.Sequence:
		return event.Position{}, nil
	}
	return shows, nil
}

// tries is the maximum number of attempts after conflicts with another process.
const tries = 3

// Publish adds the edition's changes to the draft, removes those of sent
// digests, and flips the folder. An edition older than the draft changes
// nothing.
func (n *Newsletter) Publish(ctx context.Context, e publishers.Edition) error {
	n.publishing.Lock()
	defer n.publishing.Unlock()
	var err error
	for range tries {
		if err = n.publishEdition(ctx, e); !errors.Is(err, release.ErrMoved) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	return nil
}

// publishEdition begins its stages before it reads the current draft: if that
// changes before the flips, they are refused. The draft is flipped first, so
// the public release is never ahead of it, and Position detects a crash in
// between.
func (n *Newsletter) publishEdition(ctx context.Context, e publishers.Edition) error {
	label := fmt.Sprintf("%012d", e.Position.Sequence)
	private, err := n.drafts.Stage(label, e.Fresh)
	if err != nil {
		return err
	}
	defer func() { _ = private.Discard() }() // does nothing after a flip; Open removes leftovers
	stage, err := n.dir.Stage(label, e.Fresh)
	if err != nil {
		return err
	}
	defer func() { _ = stage.Discard() }()
	b, err := n.readLedgerState(ctx, e.Position.Dataset)
	if err != nil {
		return err
	}
	if b, err = n.alignLedger(ctx, b, e); err != nil {
		return err
	}
	p, err := n.updatePending(e, b.history)
	if errors.Is(err, errOlder) {
		return nil
	}
	if err != nil {
		return err
	}
	d := draft.NewComposer(e, n.BaseURL, e.Manifest.DefaultLanguage()).Compose(p, b.note.Texts)
	all, err := n.writeArchive(ctx, stage, d, b, e.Fresh)
	if err != nil {
		return err
	}
	hidden, err := n.renderDraft(p, d)
	if err != nil {
		return err
	}
	files, err := n.render(e, d, all)
	if err != nil {
		return err
	}
	if err := n.writeRelease(ctx, private, hidden); err != nil {
		return err
	}
	return n.writeRelease(ctx, stage, files)
}

// alignLedger returns the state of a ledger that counts in the edition's
// stream. It detects a stream that was created again.
func (n *Newsletter) alignLedger(ctx context.Context, b ledgerState, e publishers.Edition) (ledgerState, error) {
	ahead, err := n.isAhead(ctx, b.history, e.Position)
	if err != nil || !ahead {
		return b, err
	}
	if err := n.rebaseLedger(ctx, b.ledger, b.history, e); err != nil {
		return b, err
	}
	return n.readLedgerState(ctx, e.Position.Dataset)
}

// updatePending returns the pending changes after the edition.
func (n *Newsletter) updatePending(e publishers.Edition, h history) (draft.Pending, error) {
	if e.Fresh {
		p := draft.NewPending(h.lastEnd())
		p.Cut, p.Base = h.openEnd(), h.base.Epoch
		return p.AddEdition(e, h.base.adjustEntry), nil
	}
	p, err := n.readPending()
	if err != nil {
		return draft.Pending{}, err
	}
	if p.Position.Sequence > e.Position.Sequence {
		return draft.Pending{}, errOlder
	}
	if p.Base != h.base.Epoch {
		return draft.Pending{}, draft.ErrNeedsRebuild
	}
	if p, err = p.AdvanceStart(h.lastEnd()); err != nil {
		return draft.Pending{}, err
	}
	p.Cut = h.openEnd()
	return p.AddEdition(e, h.base.adjustEntry), nil
}

func (n *Newsletter) writeRelease(ctx context.Context, stage *release.Stage, files []file) error {
	for _, f := range files {
		if err := stage.Write(f.name, f.data); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	changed, err := stage.Flip()
	n.Log.Debug("newsletter written", zap.String("release", stage.Name()), zap.Bool("changed", changed))
	return err
}
