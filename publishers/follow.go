package publishers

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// followStream brings the channel up to date and follows the stream until ctx
// ends or something fails.
func (r *Runner) followStream(ctx context.Context) error {
	reader, err := r.Open(ctx)
	if err != nil {
		return &readError{err}
	}
	shown, err := r.Channel.Position(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for its position: %w", r.Channel.Name(), err)
	}
	_, same := reader.Same(shown)
	if !same || r.afresh.Load() && shown.Epoch == "" && shown.Sequence > 0 {
		r.noticeRemade(reader, shown)
	}
	if !same || r.afresh.Load() {
		shown = event.Position{}
	}
	r.findRemade(reader.Epoch().ID)
	c, err := resumeCollector(ctx, reader, shown)
	if err != nil {
		return &readError{err}
	}
	if !c.fresh {
		// Settings, templates or the program may have changed meanwhile.
		if err := r.republish(ctx, c.newEdition()); err != nil {
			return err
		}
		r.prepareNext()
	}
	for m, err := range reader.Follow(ctx, c.next) {
		if err != nil {
			return &readError{err}
		}
		edition, due, err := c.addMessage(m)
		if err != nil {
			return &readError{err}
		}
		if !due {
			continue
		}
		err = r.publishNew(ctx, edition)
		if c.canSkip(m, err) {
			continue
		}
		if err != nil {
			return err
		}
		c.handedOver()
		if m.Pending == 0 {
			r.prepareNext()
		}
	}
	return nil
}

// prepareNext prepares the next publication if the channel is a Preparer.
func (r *Runner) prepareNext() {
	p, ok := r.Channel.(Preparer)
	if !ok {
		return
	}
	r.publishing.Lock()
	defer r.publishing.Unlock()
	if err := p.Prepare(); err != nil {
		r.Log.Warn("the next publication is not prepared, and will take longer", zap.Error(err))
	}
}

// maxStep is the number of changes after which an edition is due while catching
// up with a long history, so that memory stays bounded.
const maxStep = 20_000

// A collector folds messages into editions.
type collector struct {
	fold     *event.Fold
	next     event.Seq // the first message not seen yet
	fresh    bool
	manifest *schema.Manifest

	entries []Entry
	changes []*event.Change // of the incomplete entry
	size    int             // changes in entries
	step    int             // an edition is due at this size
	asset   assets          // of the stream
	reader  *stream.Reader
}

// newCollector returns a collector that begins with the first message.
func newCollector(reader *stream.Reader) *collector {
	return &collector{fold: reader.Fold(), next: 1, fresh: true, step: maxStep, asset: reader.Asset, reader: reader}
}

// resumeCollector returns a collector that continues from the position that a
// channel shows, or begins with the first message if the stream does not have
// that position.
func resumeCollector(ctx context.Context, reader *stream.Reader, shown event.Position) (*collector, error) {
	afresh := newCollector(reader)
	if shown.Sequence == 0 {
		return afresh, nil
	}
	shown, same := reader.Same(shown)
	last, err := reader.Last(ctx)
	if err != nil {
		return nil, err
	}
	if !same || last < shown.Sequence {
		return afresh, nil
	}
	fold, err := foldAt(ctx, reader, shown.Sequence)
	if err != nil {
		return nil, err
	}
	if fold.Position != shown {
		return afresh, nil
	}
	c := newCollector(reader)
	c.fold, c.next, c.fresh = fold, shown.Sequence+1, false
	return c, c.readManifest()
}

// foldAt folds up to a changeset event. It is cheap for the last one.
func foldAt(ctx context.Context, reader *stream.Reader, seq event.Seq) (*event.Fold, error) {
	m, ok, err := reader.LastChangeset(ctx)
	if err != nil {
		return nil, err
	}
	if ok && m.Seq == seq {
		fold, _, err := reader.Latest(ctx)
		if err != nil || (fold.Position.Sequence == seq && len(fold.Pending()) == 0) {
			return fold, err
		}
	}
	return reader.FoldUpTo(ctx, seq)
}

// addMessage folds a message. An edition is due when the stream has no more
// messages for now, so that one edition has the changes of all waiting
// changesets.
func (c *collector) addMessage(m stream.Message) (e Edition, due bool, err error) {
	c.next = m.Seq + 1
	if err := c.reader.Take(c.fold, &stream.Hidden{}, m); err != nil {
		return Edition{}, false, err
	}
	complete := c.fold.Position.Sequence == m.Seq
	if m.Change != nil {
		c.changes = append(c.changes, m.Change)
	}
	if complete {
		if err := c.readManifest(); err != nil {
			return Edition{}, false, err
		}
		c.entries = append(c.entries, Entry{m.Changeset, m.Seq, m.Time, c.changes})
		c.size += len(c.changes)
		c.changes = nil
	}
	due = len(c.entries) > 0 && (m.Pending == 0 || (complete && c.size >= c.step))
	return c.newEdition(), due, nil
}

func (c *collector) newEdition() Edition {
	return Edition{
		Position:  c.fold.Position,
		Changeset: c.fold.Changeset,
		Manifest:  c.manifest,
		State:     &c.fold.State,
		Entries:   c.entries,
		Fresh:     c.fresh,
		Asset:     assetOf(c.asset, &c.fold.State),
	}
}

func (c *collector) handedOver() { c.entries, c.size, c.step, c.fresh = nil, 0, maxStep, false }

func (c *collector) readManifest() error {
	manifest, err := schema.DecodeManifest(c.fold.Changeset.Manifest)
	if err != nil {
		return fmt.Errorf("changeset %s: %w", c.fold.Changeset.ID, err)
	}
	c.manifest = manifest
	return nil
}
