package snapshot

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"netsync/schema"
	"netsync/worker/asset"
	"netsync/worker/git"
	"netsync/worker/yaml"
)

// Git file modes of regular files.
const (
	modeFile       = "100644"
	modeExecutable = "100755"
)

// Read reads the dataset in a folder of a commit ("" is the root).
func Read(ctx context.Context, r *git.Repository, commit git.CommitID, folder string, o Options) (*Snapshot, *Delta, error) {
	s := newSnapshot()
	delta, err := s.Update(ctx, r, "", commit, folder, o)
	return s, delta, err
}

// Update updates the snapshot from one commit to another by reading the changed
// files. If the manifest's languages changed, it reads everything. After an
// error the snapshot must not be used.
func (s *Snapshot) Update(ctx context.Context, r *git.Repository, from, to git.CommitID, folder string, o Options) (*Delta, error) {
	changes, err := r.Diff(ctx, from, to, folder)
	if err != nil {
		return nil, err
	}
	delta := newDelta()
	if delta.All = from == ""; delta.All {
		s.reserveMemory(len(changes))
	}
	old := s.Manifest
	if err := s.updateManifest(ctx, r, changes, o, delta); err != nil {
		return nil, err
	}
	if from != "" && !sameContext(old, s.Manifest) {
		*s = *newSnapshot()
		return s.Update(ctx, r, "", to, folder, o)
	}
	if s.Manifest == nil {
		// Nothing can be published without a manifest, but the files are read,
		// too, to report all findings at once.
		return delta, s.updateRecords(ctx, r, changes, o, schema.Context{Language: "en"}, delta)
	}
	return delta, s.updateRecords(ctx, r, changes, o, s.schemaContext(), delta)
}

// sameContext reports whether records have the same published form with both
// manifests.
func sameContext(a, b *schema.Manifest) bool {
	return a != nil && b != nil && slices.Equal(a.Languages, b.Languages)
}

func (s *Snapshot) updateManifest(ctx context.Context, r *git.Repository, changes []git.Change, o Options, delta *Delta) error {
	for _, change := range changes {
		if _, role := classifyPath(change.Path); role != Manifest {
			continue
		}
		if err := s.updateFile(ctx, r, change, o, schema.Context{}, delta); err != nil {
			return err
		}
	}
	var file *File
	if paths := s.ManifestPaths(); len(paths) > 0 {
		file = s.files[paths[0]]
	}
	return s.readManifest(file, o.Now)
}

func (s *Snapshot) updateFile(ctx context.Context, r *git.Repository, change git.Change, o Options, c schema.Context, delta *Delta) error {
	if change.New.ID == "" {
		s.removeFile(change.Path, delta)
		return nil
	}
	if what := irregularKind(change.New.Mode); what != "" {
		s.put(o.newIrregular(change.Path, what), delta)
		return nil
	}
	data, err := r.Blob(ctx, change.New.ID, maxSize(change.Path))
	f, err := o.buildOr(change.Path, data, err, c)
	if err != nil {
		return err
	}
	s.put(f, delta)
	return nil
}

// buildOr builds a file from the result of reading its blob.
func (o Options) buildOr(name string, data []byte, err error, c schema.Context) (*File, error) {
	var large *git.ErrTooLarge
	switch {
	case errors.As(err, &large):
		return o.newTooLarge(name, large.Size), nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return o.buildFile(name, data, c)
}

// buildFrom is buildOr for the new blob of a change.
func (o Options) buildFrom(change git.Change, data []byte, err error, c schema.Context) (*File, error) {
	f, err := o.buildOr(change.Path, data, err, c)
	if err == nil && f.Image != nil {
		f.Image.Blob = change.New.ID
	}
	return f, err
}

func irregularKind(mode string) string {
	switch mode {
	case modeFile, modeExecutable:
		return ""
	case "120000":
		return "a symbolic link"
	case "160000":
		return "a submodule"
	}
	return "an entry of mode " + mode
}

// updateRecords reads all files but the manifest: images first, as records show
// them.
func (s *Snapshot) updateRecords(ctx context.Context, r *git.Repository, changes []git.Change, o Options, c schema.Context, delta *Delta) error {
	var images, records []git.Change
	for _, change := range changes {
		_, role := classifyPath(change.Path)
		switch {
		case role == Manifest:
		case change.New.ID == "":
			s.removeFile(change.Path, delta)
		case irregularKind(change.New.Mode) != "":
			if role != "" || inDataset(change.Path) {
				s.put(o.newIrregular(change.Path, irregularKind(change.New.Mode)), delta)
			}
		case role == Stray:
			if err := s.updateFile(ctx, r, change, o, c, delta); err != nil {
				return err
			}
		case role == Asset:
			images = append(images, change)
		case role == Record:
			records = append(records, change)
		}
	}
	c = s.withImages(c)
	if err := s.updateFiles(ctx, r, images, asset.MaxSize, o, c, delta); err != nil {
		return err
	}
	if err := s.updateFiles(ctx, r, records, yaml.MaxSize, o, c, delta); err != nil {
		return err
	}
	return s.renewImages(c, delta)
}

// fewFiles is the number of files up to which parsing in one goroutine is
// faster.
const fewFiles = 4

// updateFiles reads files up to a size: Git returns one blob after another, and
// all cores parse.
func (s *Snapshot) updateFiles(ctx context.Context, r *git.Repository, wanted []git.Change, limit int64, o Options, c schema.Context, delta *Delta) error {
	blobs := make([]git.ObjectID, len(wanted))
	for i, change := range wanted {
		blobs[i] = change.New.ID
	}
	if len(wanted) <= fewFiles {
		return r.Blobs(ctx, blobs, limit, func(i int, data []byte, err error) error {
			f, err := o.buildFrom(wanted[i], data, err, c)
			if err == nil {
				s.put(f, delta)
			}
			return err
		})
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	type job struct {
		i    int
		data []byte
		err  error
	}
	jobs := make(chan job, maxWaiting)
	group.Go(func() error {
		defer close(jobs)
		return r.Blobs(ctx, blobs, limit, func(i int, data []byte, err error) error {
			select {
			case jobs <- job{i, data, err}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for j := range jobs {
				f, err := o.buildFrom(wanted[j.i], j.data, j.err, c)
				if err != nil {
					return err
				}
				mu.Lock()
				s.put(f, delta)
				mu.Unlock()
			}
			return nil
		})
	}
	return group.Wait()
}

// maxWaiting is the maximum number of files that wait to be parsed, each up to
// 1 MiB.
const maxWaiting = 64
