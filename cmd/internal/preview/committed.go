package preview

import (
	"context"
	"fmt"
	"path"
	"time"

	"netsync/schema"
	"netsync/worker"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// A committed is the dataset of the last commit in the repository of its
// folder. It is empty if there is no repository, commit or dataset.
type committed struct {
	dir  string
	repo *git.Repository // nil if there is none

	commit     git.CommitID // the last result of Git
	asked      time.Time
	read       git.CommitID // the commit of the other fields
	snap       *snapshot.Snapshot
	quarantine *worker.Quarantine
}

func openCommitted(ctx context.Context, dir string) *committed {
	c := &committed{dir: dir}
	if repo, err := git.OpenRepository(ctx, dir); err == nil { // the repository is optional
		c.repo = repo
	}
	return c
}

func (c *committed) close() {
	if c.repo != nil {
		_ = c.repo.Close() // read only
	}
}

// askEvery is how long an answer of Git is cached.
const askEvery = time.Second

// headCommit returns the last commit; "" if there is none.
func (c *committed) headCommit(ctx context.Context) git.CommitID {
	if c.repo == nil || time.Since(c.asked) < askEvery {
		return c.commit
	}
	c.commit, _ = c.repo.Resolve(ctx, "HEAD") // a new repository has none
	c.asked = time.Now()
	return c.commit
}

// readTip reads the usable part of the dataset of a commit.
func (c *committed) readTip(ctx context.Context, commit git.CommitID, now time.Time) error {
	c.read, c.snap, c.quarantine = commit, nil, nil
	if commit == "" {
		return nil
	}
	snap, delta, err := snapshot.Read(ctx, c.repo, commit, c.repo.Prefix(), validate.Options(now))
	if err != nil {
		return fmt.Errorf("read commit %s: %w", commit, err)
	}
	if snap.Manifest == nil {
		return nil
	}
	var checker validate.Checker
	c.snap = snap
	c.quarantine, err = worker.NewQuarantine(snap, checker.Check(snap, delta), noRecord)
	return err
}

func noRecord(schema.RecordID) schema.Stored { return schema.Stored{} }

// get returns a record as it would be published from the commit.
func (c *committed) get(id schema.RecordID) schema.Stored {
	if c.quarantine == nil {
		return schema.Stored{}
	}
	return c.quarantine.Get(id)
}

func (c *committed) recordIDs() []schema.RecordID {
	if c.snap == nil {
		return nil
	}
	return c.snap.IDs()
}

// readImage reads an image of the commit by its digest; ok is false if there is
// none.
func (c *committed) readImage(ctx context.Context, digest schema.Digest) (data []byte, ok bool, err error) {
	if c.snap == nil {
		return nil, false, nil
	}
	for name, image := range c.snap.Images() {
		if image.Digest == digest {
			data, err := c.repo.File(ctx, c.read, path.Join(c.repo.Prefix(), name), schema.MaxImage)
			return data, err == nil, err
		}
	}
	return nil, false, nil
}
