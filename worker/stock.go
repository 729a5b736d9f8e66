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
func (w *Worker) putMissing(ctx context.Context, p *plan, x wanted) error {
	if w.stock == nil && len(x) == 0 {
		w.stock = make(map[schema.Digest]struct{})
	}
	for digest := range x {
		if _, known := w.stock[digest]; known {
			delete(x, digest)
		}
	}
	if len(x) == 0 {
		return nil
	}
	j, err := w.journal(ctx, p.dataset)
	if err != nil {
		return err
	}
	if err := w.takeStock(ctx, j.Reader, x); err != nil || len(x) == 0 {
		return err
	}
	assets, err := j.Assets(ctx)
	if err != nil {
		return err
	}
	if assets.Made && len(w.stock) > 0 { // it was taken away, with all that was there
		w.stock = nil
		return w.storeImages(ctx, p)
	}
	stored, err := w.put(ctx, assets, p.commit, x)
	if err != nil {
		return err
	}
	for digest := range x {
		w.stock[digest] = struct{}{}
	}
	w.Observe.stored(stored)
	w.Log.Info("stored images", zap.Int("images", stored))
	return nil
}

// manyImages is from how many on the broker is asked for a list, and not about
// each.
const manyImages = 500

// takeStock leaves those of the images that the broker does not have. Where it
// compares all of them, and they are not too many, it reads them as well: what a
// broker has may be damaged.
func (w *Worker) takeStock(ctx context.Context, reader *stream.Reader, x wanted) error {
	if w.stock != nil && len(x) < manyImages {
		for digest := range x {
			has, err := reader.HasAsset(ctx, digest)
			if err != nil {
				return err
			}
			if has {
				w.stock[digest] = struct{}{}
				delete(x, digest)
			}
		}
		return nil
	}
	stock, whole, err := reader.Assets(ctx)
	if err != nil {
		return err
	}
	read := !whole || w.stock == nil && len(x) < manyImages
	for digest := range x {
		_, has := stock[digest]
		if has && read {
			_, err := reader.Asset(ctx, digest)
			if has = err == nil; err != nil && !errors.Is(err, stream.ErrNoAsset) {
				return err
			}
		}
		if has {
			delete(x, digest)
		}
	}
	w.stock = stock
	return nil
}

// put puts images and returns how many they were. Git hands out one after
// another, so that not all are in memory at a time.
func (w *Worker) put(ctx context.Context, assets *journal.Assets, commit git.CommitID, x wanted) (int, error) {
	blobs, left := w.blobs(x)
	err := w.mirror.Blobs(ctx, blobs, schema.MaxImage, func(_ int, data []byte, err error) error {
		if err != nil {
			return err
		}
		return assets.Put(ctx, data)
	})
	if err == nil && len(left) > 0 {
		err = w.putOld(ctx, assets, commit, left)
	}
	if err != nil {
		return 0, err
	}
	return len(x) - len(left), assets.Flush(ctx)
}

// blobs returns where the commit has images, and those that it does not have.
func (w *Worker) blobs(x wanted) (blobs []git.ObjectID, left wanted) {
	left = make(wanted)
	for digest, name := range x {
		if image := w.snap.Image(name); image != nil && image.Digest == digest {
			blobs = append(blobs, image.Blob)
		} else {
			left[digest] = name
		}
	}
	if len(left) == 0 {
		return blobs, left
	}
	for _, image := range w.snap.Images() { // its file may have another name by now
		if _, ok := left[image.Digest]; ok {
			blobs = append(blobs, image.Blob)
			delete(left, image.Digest)
		}
	}
	return blobs, left
}

// putOld puts images that only the history has, those of records that stay at
// their last good version although their image changed or went, and leaves what
// is nowhere. That is told, and keeps nothing else from being published.
func (w *Worker) putOld(ctx context.Context, assets *journal.Assets, tip git.CommitID, left wanted) error {
	last, err := w.lastCommit(ctx)
	if err != nil {
		return err
	}
	for _, commit := range slices.Compact([]git.CommitID{tip, last}) {
		if commit == "" || len(left) == 0 {
			continue
		}
		if err := w.putBefore(ctx, assets, commit, left); err != nil {
			return err
		}
	}
	for digest, name := range left {
		w.Log.Error("an image that is published is not in Git any more", zap.String("image", name), zap.String("digest", string(digest)))
	}
	return nil
}

// putBefore puts the images that are in the history of a commit.
func (w *Worker) putBefore(ctx context.Context, assets *journal.Assets, commit git.CommitID, left wanted) error {
	touches, err := w.mirror.Log(ctx, "", commit, w.Path)
	if err != nil {
		return err
	}
	names := make(map[string]bool)
	for _, name := range left {
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
			if _, ok := left[digest]; err != nil || !ok {
				continue // it went with that commit, or was another one
			}
			if err := assets.Put(ctx, data); err != nil {
				return err
			}
			delete(left, digest)
		}
	}
	return nil
}
