package worker

import (
	"context"
	"errors"
	"path"
	"slices"

	"go.uber.org/zap"

	"netsync/schema"
	"netsync/schema/stream"
	"netsync/worker/git"
	"netsync/worker/journal"
)

// putMissing puts the images that the broker does not have.
func (w *Worker) putMissing(ctx context.Context, p *plan, images imageSet) error {
	if w.storedImages == nil && len(images) == 0 {
		w.storedImages = make(map[schema.Digest]struct{})
	}
	for digest := range images {
		if _, known := w.storedImages[digest]; known {
			delete(images, digest)
		}
	}
	if len(images) == 0 {
		return nil
	}
	j, err := w.openJournal(ctx, p.dataset)
	if err != nil {
		return err
	}
	if err := w.skipStored(ctx, j.Reader, images); err != nil || len(images) == 0 {
		return err
	}
	assets, err := j.Assets(ctx)
	if err != nil {
		return err
	}
	if assets.Made && len(w.storedImages) > 0 { // the old store was deleted
		w.storedImages = nil
		return w.storeImages(ctx, p)
	}
	stored, err := w.putImages(ctx, assets, p.commit, images)
	if err != nil {
		return err
	}
	for digest := range images {
		w.storedImages[digest] = struct{}{}
	}
	w.Observe.notifyStored(stored)
	w.Log.Info("stored images", zap.Int("images", stored))
	return nil
}

// manyImages is the number of images from which on the broker is asked for a
// list instead of each image.
const manyImages = 500

// skipStored removes the images that the broker has from the set. If it
// compares all images, and not too many, it also reads them to detect damage.
func (w *Worker) skipStored(ctx context.Context, reader *stream.Reader, images imageSet) error {
	if w.storedImages != nil && len(images) < manyImages {
		for digest := range images {
			has, err := reader.HasAsset(ctx, digest)
			if err != nil {
				return err
			}
			if has {
				w.storedImages[digest] = struct{}{}
				delete(images, digest)
			}
		}
		return nil
	}
	stored, complete, err := reader.Assets(ctx)
	if err != nil {
		return err
	}
	read := !complete || w.storedImages == nil && len(images) < manyImages
	for digest := range images {
		_, has := stored[digest]
		if has && read {
			_, err := reader.Asset(ctx, digest)
			if has = err == nil; err != nil && !errors.Is(err, stream.ErrNoAsset) {
				return err
			}
		}
		if has {
			delete(images, digest)
		}
	}
	w.storedImages = stored
	return nil
}

// putImages puts images and returns their number. It reads one after another,
// so that not all are in memory at once.
func (w *Worker) putImages(ctx context.Context, assets *journal.Assets, commit git.CommitID, images imageSet) (int, error) {
	blobs, missing := w.findBlobs(images)
	err := w.mirror.Blobs(ctx, blobs, schema.MaxImage, func(_ int, data []byte, err error) error {
		if err != nil {
			return err
		}
		return assets.Put(ctx, data)
	})
	if err == nil && len(missing) > 0 {
		err = w.putFromHistory(ctx, assets, commit, missing)
	}
	if err != nil {
		return 0, err
	}
	return len(images) - len(missing), assets.Flush(ctx)
}

// findBlobs returns the blobs of images in the commit, and the images that it
// does not have.
func (w *Worker) findBlobs(images imageSet) (blobs []git.ObjectID, missing imageSet) {
	missing = make(imageSet)
	for digest, name := range images {
		if image := w.snap.Image(name); image != nil && image.Digest == digest {
			blobs = append(blobs, image.Blob)
		} else {
			missing[digest] = name
		}
	}
	if len(missing) == 0 {
		return blobs, missing
	}
	for _, image := range w.snap.Images() { // the file may have been renamed
		if _, ok := missing[image.Digest]; ok {
			blobs = append(blobs, image.Blob)
			delete(missing, image.Digest)
		}
	}
	return blobs, missing
}

// putFromHistory puts images that only the history has: those of records that
// keep their last good version although their image was changed or removed. It
// logs images that it does not find; they do not prevent publication.
func (w *Worker) putFromHistory(ctx context.Context, assets *journal.Assets, tip git.CommitID, missing imageSet) error {
	last, err := w.lastCommit(ctx)
	if err != nil {
		return err
	}
	for _, commit := range slices.Compact([]git.CommitID{tip, last}) {
		if commit == "" || len(missing) == 0 {
			continue
		}
		if err := w.putFromCommit(ctx, assets, commit, missing); err != nil {
			return err
		}
	}
	for digest, name := range missing {
		w.Log.Error("a published image is no longer in Git", zap.String("image", name), zap.String("digest", string(digest)))
	}
	return nil
}

// putFromCommit puts the images that are in the history of a commit.
func (w *Worker) putFromCommit(ctx context.Context, assets *journal.Assets, commit git.CommitID, missing imageSet) error {
	touches, err := w.mirror.Log(ctx, "", commit, w.Path)
	if err != nil {
		return err
	}
	names := make(map[string]bool)
	for _, name := range missing {
		names[name] = true
	}
	for _, touch := range touches {
		for _, name := range touch.Paths {
			if !names[name] {
				continue
			}
			data, err := w.mirror.File(ctx, touch.ID, path.Join(w.Path, name), schema.MaxImage)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			digest := schema.DigestOf(data)
			if _, ok := missing[digest]; err != nil || !ok {
				continue // removed by that commit, or another image
			}
			if err := assets.Put(ctx, data); err != nil {
				return err
			}
			delete(missing, digest)
		}
	}
	return nil
}
