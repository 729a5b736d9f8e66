package worker

import (
	"context"
	"fmt"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/failpoint"
)

// storeImages makes sure that the broker has every image that a plan's records
// show, before anybody is told of them. What was put there and is not referred
// to in the end, because the worker died or another one was first, does no
// harm. Nothing is ever taken away: a reader may be behind, and an image that
// went may come back.
//
// At first it compares all images that are to be shown with those that the
// broker has; later it looks at those of the records that change, and asks the
// broker about images that it does not know of.
func (w *Worker) storeImages(ctx context.Context, p *plan) error {
	wanted, err := w.wantedImages(p)
	if err == nil {
		err = w.putMissing(ctx, p, wanted)
	}
	if err != nil {
		w.stock = nil // nothing is known for sure any more
		return fmt.Errorf("store the images of %s: %w", p.commit, err)
	}
	return failpoint.Hit("worker: images")
}

// wanted are images to be shown, with the path that a record knows each by.
type wanted map[schema.Digest]string

func (x wanted) add(r schema.Record) error {
	logo, ok, err := schema.LogoOf(r)
	if ok && logo.Digest != "" {
		x[logo.Digest] = logo.Path
	}
	return err
}

func (w *Worker) wantedImages(p *plan) (wanted, error) {
	x := make(wanted)
	switch {
	case w.stock == nil && p.held: // what was published before stays
		for r := range w.fold.State.All() {
			if err := x.add(r); err != nil {
				return nil, err
			}
		}
	case w.stock == nil:
		return x, w.allImages(p, x)
	default:
		w.changedImages(p, x)
	}
	return x, nil
}

// allImages adds the images that are shown once the plan is published: those of
// the snapshot, and those of records that stay at their last good version.
func (w *Worker) allImages(p *plan, x wanted) error {
	for name, image := range w.snap.Images() {
		shows := func(id schema.RecordID) bool { return !p.quarantine.Holds(id) }
		if slices.ContainsFunc(w.snap.ShownBy(name), shows) {
			x[image.Digest] = name
		}
	}
	for _, id := range p.quarantine.Held() {
		if last := p.quarantine.Get(id); !last.IsZero() {
			if err := x.add(last.Record(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// changedImages adds the images of the records that change. Those of records
// that stay at their last good version were looked at before.
func (w *Worker) changedImages(p *plan, x wanted) {
	for _, change := range p.changes {
		f := w.snap.FileOf(change.RecordID())
		if change.Op == event.Removed || f == nil || p.quarantine.Holds(f.ID) {
			continue
		}
		if image := w.snap.Image(f.Shows()); image != nil {
			x[image.Digest] = f.Shows()
		}
	}
}
