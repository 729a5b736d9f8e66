package worker

import (
	"context"
	"fmt"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/failpoint"
)

// storeImages ensures that the broker has every image of a plan's records
// before their events are published. Images that are not referenced in the end,
// because the worker stopped or another published first, do no harm. Images are
// never removed: a reader may be behind, and an image may be used again.
//
// The first call compares all images with those of the broker; later calls only
// look at changed records, and ask the broker about unknown images.
func (w *Worker) storeImages(ctx context.Context, p *plan) error {
	wanted, err := w.findWanted(p)
	if err == nil {
		err = w.putMissing(ctx, p, wanted)
	}
	if err != nil {
		w.storedImages = nil // unknown after an error
		return fmt.Errorf("store the images of %s: %w", p.commit, err)
	}
	return failpoint.Hit("worker: images")
}

// An imageSet holds the digests of images, each with its path.
type imageSet map[schema.Digest]string

func (images imageSet) add(r schema.Record) error {
	logo, ok, err := schema.LogoOf(r)
	if ok && logo.Digest != "" {
		images[logo.Digest] = logo.Path
	}
	return err
}

func (w *Worker) findWanted(p *plan) (imageSet, error) {
	images := make(imageSet)
	switch {
	case w.storedImages == nil && p.held: // the published state remains
		for r := range w.fold.State.All() {
			if err := images.add(r); err != nil {
				return nil, err
			}
		}
	case w.storedImages == nil:
		return images, w.addAllImages(p, images)
	default:
		w.addChangedImages(p, images)
	}
	return images, nil
}

// addAllImages adds the images of all records after the plan is published:
// those of the snapshot, and those of records that keep their last good
// version.
func (w *Worker) addAllImages(p *plan, images imageSet) error {
	for name, image := range w.snap.Images() {
		shows := func(id schema.RecordID) bool { return !p.quarantine.Holds(id) }
		if slices.ContainsFunc(w.snap.ShownBy(name), shows) {
			images[image.Digest] = name
		}
	}
	for _, id := range p.quarantine.Held() {
		if last := p.quarantine.Get(id); !last.IsZero() {
			if err := images.add(last.Record(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// addChangedImages adds the images of changed records. Those of records that
// keep their last good version were added before.
func (w *Worker) addChangedImages(p *plan, images imageSet) {
	for _, change := range p.changes {
		f := w.snap.FileOf(change.RecordID())
		if change.Op == event.Removed || f == nil || p.quarantine.Holds(f.ID) {
			continue
		}
		if image := w.snap.Image(f.Shows()); image != nil {
			images[image.Digest] = f.Shows()
		}
	}
}
