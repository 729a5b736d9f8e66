package preview

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker"
	"netsync/worker/diff"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// A draft is the dataset in a folder.
type draft struct {
	files     fs.FS
	committed *committed
	now       func() time.Time

	snap    *snapshot.Snapshot // nil before the first read
	checker validate.Checker

	findings []schema.Finding // sorted
	held     []schema.RecordID
	edition  publishers.Edition // its State is nil if there is no valid manifest
	touched  []schema.RecordID  // since the previous edition
}

// ReadEdition reads the dataset in a folder and returns what would be
// published, and the findings, sorted. If the manifest is invalid, the edition
// has no State.
func ReadEdition(ctx context.Context, files fs.FS, now time.Time) (publishers.Edition, []schema.Finding, error) {
	d := &draft{files: files, committed: &committed{}, now: func() time.Time { return now }}
	err := d.read(ctx, nil, "")
	return d.edition, d.findings, err
}

// read updates the draft to the folder, in which the named files have changed.
// After an error, the next call reads everything.
func (d *draft) read(ctx context.Context, names []string, tip git.CommitID) (err error) {
	defer func() {
		if err != nil {
			d.snap = nil
		}
	}()
	if tip != d.committed.read || d.snap == nil || d.isOutdated() {
		if err := d.committed.readTip(ctx, tip, d.now()); err != nil {
			return err
		}
	}
	if err := d.check(ctx, names); err != nil {
		return err
	}
	return d.makeEdition(ctx)
}

func (d *draft) check(ctx context.Context, names []string) error {
	options := validate.Options(d.now())
	var delta *snapshot.Delta
	var err error
	if d.snap == nil || d.isOutdated() {
		d.snap, delta, err = snapshot.ReadFolder(ctx, d.files, options)
	} else {
		delta, err = d.snap.UpdateFolder(ctx, d.files, names, options)
	}
	if err != nil {
		return err
	}
	d.findings = d.checker.Check(d.snap, delta)
	return nil
}

// isOutdated reports whether the draft was made on an earlier day.
func (d *draft) isOutdated() bool {
	if d.snap == nil || d.snap.Manifest == nil {
		return false
	}
	today, err := snapshot.Today(d.snap.Manifest, d.now())
	return err == nil && today != d.snap.AsOf
}

// makeEdition makes the edition that would be published.
func (d *draft) makeEdition(ctx context.Context) error {
	d.held = nil
	if worker.BrokenManifest(d.snap, d.findings) {
		d.edition = publishers.Edition{}
		return nil
	}
	quarantine, err := worker.NewQuarantine(d.snap, d.findings, d.committed.get)
	if err != nil {
		return err
	}
	d.held = quarantine.Held()
	d.findings = append(slices.Clip(d.findings), quarantine.Findings...)
	schema.SortFindings(d.findings)

	ids := slices.Concat(d.snap.IDs(), d.committed.recordIDs())
	changes, err := diff.Between(diff.Input{
		IDs:     ids,
		Before:  d.committed.get,
		After:   quarantine.Get,
		Removed: func(schema.RecordID) bool { return false },
		Alias:   d.snap.AliasOf,
		Commits: func(schema.RecordID) []diff.Commit { return nil },
	})
	if err != nil {
		return err
	}
	if d.committed.snap == nil {
		changes = nil // everything is new: not worth listing
	}
	state := new(schema.State)
	for _, id := range ids {
		if r := quarantine.Get(id); !r.IsZero() {
			state.PutStored(id, r)
		}
	}
	d.touched = changedRecords(d.edition.State, state)
	d.edition = d.editionOf(state, changes)
	images := make(map[schema.Digest]string)
	for name, image := range d.snap.Images() {
		images[image.Digest] = name
	}
	d.edition.Asset = func(ctx context.Context, digest schema.Digest) ([]byte, error) {
		return d.readImage(ctx, images, digest)
	}
	return nil
}

// changesetID stands for the future changeset of a commit.
const changesetID = "preview@0"

func (d *draft) editionOf(state *schema.State, changes []*event.Change) publishers.Edition {
	manifest := d.snap.ManifestJSON()
	changeset := &event.Changeset{
		ID: changesetID, Commit: string(d.committed.read), AsOf: d.snap.AsOf.String(),
		Events: len(changes), Records: state.Len(), StateDigest: state.Digest(),
		Manifest: manifest, ManifestDigest: schema.DigestOf(manifest),
	}
	e := publishers.Edition{
		Position: event.Position{
			Dataset: d.snap.Manifest.ID, Changeset: changesetID, Commit: changeset.Commit,
			Sequence: 1, StateDigest: changeset.StateDigest,
		},
		Changeset: changeset, Manifest: d.snap.Manifest, State: state, Fresh: true,
	}
	if len(changes) > 0 {
		e.Entries = []publishers.Entry{{Changeset: changeset, Sequence: 1, Time: d.now(), Changes: changes}}
	}
	return e
}

// readImage reads an image of the folder, or the committed one of a record that
// is held back.
func (d *draft) readImage(ctx context.Context, images map[schema.Digest]string, digest schema.Digest) ([]byte, error) {
	if name, ok := images[digest]; ok {
		data, err := fs.ReadFile(d.files, name)
		if err == nil && schema.DigestOf(data) == digest {
			return data, nil
		}
	}
	data, ok, err := d.committed.readImage(ctx, digest)
	if err == nil && !ok {
		err = fmt.Errorf("the image %s is gone", digest.Short())
	}
	return data, err
}

// changedRecords returns the records that differ between two states; before may be nil.
func changedRecords(before, after *schema.State) []schema.RecordID {
	if before == nil {
		return nil
	}
	var ids []schema.RecordID
	was := make(map[schema.RecordID]schema.Digest, before.Len())
	for id, digest := range before.Digests() {
		was[id] = digest
	}
	for id, digest := range after.Digests() {
		if was[id] != digest {
			ids = append(ids, id)
		}
		delete(was, id)
	}
	for id := range was {
		ids = append(ids, id)
	}
	return ids
}
