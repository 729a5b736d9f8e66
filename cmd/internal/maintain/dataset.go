package maintain

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
	"netsync/worker/yaml"
)

// A dataset is one that a command looks at: the files in a folder, or a commit
// of the repository that the folder belongs to.
type dataset struct {
	dir    string
	repo   *git.Repository // nil until it is asked for
	commit git.CommitID    // "" stands for the files as they lie there
	now    time.Time

	snap     *snapshot.Snapshot
	findings []schema.Finding // sorted
}

// openDataset opens the dataset in a folder, or at a revision ("" for none).
func openDataset(ctx context.Context, dir, rev string) (*dataset, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, cli.UsageError("read dataset: %w", err)
	}
	if !info.IsDir() {
		return nil, cli.UsageError("%s is a file; name the dataset's folder", dir)
	}
	d := &dataset{dir: dir, now: time.Now()}
	if rev == "" {
		return d, nil
	}
	d.commit, err = d.resolveRevision(ctx, rev)
	return d, err
}

// resolveRevision returns the commit of a revision, opening the repository if needed.
func (d *dataset) resolveRevision(ctx context.Context, rev string) (git.CommitID, error) {
	if d.repo == nil {
		repo, err := git.OpenRepository(ctx, d.dir)
		if err != nil {
			return "", cli.UsageError("%w", err)
		}
		d.repo = repo
	}
	commit, err := d.repo.Resolve(ctx, rev)
	if err != nil {
		return "", cli.UsageError("%w", err)
	}
	return commit, nil
}

// partedFrom returns the commit where the dataset's history left that of a
// revision; the revision itself, where the two have nothing in common.
func (d *dataset) partedFrom(ctx context.Context, rev string) (git.CommitID, error) {
	other, err := d.resolveRevision(ctx, rev)
	if err != nil {
		return "", err
	}
	own := d.commit
	if own == "" {
		if own, err = d.resolveRevision(ctx, "HEAD"); err != nil {
			return "", err
		}
	}
	base, ok, err := d.repo.MergeBase(ctx, own, other)
	if err != nil || ok {
		return base, err
	}
	return other, nil
}

// folderPrefix returns the dataset's folder in its repository; "" if that is the root,
// or if there is no repository.
func (d *dataset) folderPrefix(ctx context.Context) string {
	if d.repo == nil {
		repo, err := git.OpenRepository(ctx, d.dir)
		if err != nil {
			return ""
		}
		d.repo = repo
	}
	return d.repo.Prefix()
}

// check reads and checks the dataset.
func (d *dataset) check(ctx context.Context) error {
	options := validate.Options(d.now)
	options.CheckOnly = true
	var delta *snapshot.Delta
	var err error
	if d.commit == "" {
		d.snap, delta, err = snapshot.ReadFolder(ctx, os.DirFS(d.dir), options)
	} else {
		d.snap, delta, err = snapshot.Read(ctx, d.repo, d.commit, d.repo.Prefix(), options)
	}
	if err != nil {
		return fmt.Errorf("check %s: %w", d.dir, err)
	}
	var checker validate.Checker
	d.findings = checker.Check(d.snap, delta)
	return nil
}

// fileReader returns a function that reads a file of the dataset, which reports quote.
func (d *dataset) fileReader(ctx context.Context) func(name string) ([]byte, error) {
	if d.commit == "" {
		return readIn(d.dir)
	}
	return func(name string) ([]byte, error) {
		return d.repo.File(ctx, d.commit, path.Join(d.repo.Prefix(), name), yaml.MaxSize)
	}
}

// readIn returns the function that reads files of a folder for a report to
// quote.
func readIn(dir string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) { return readRegular(filepath.Join(dir, filepath.FromSlash(name))) }
}

// readRegular reads a file that is no link: a report must not quote what lies
// outside the dataset.
func readRegular(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > yaml.MaxSize {
		return nil, fmt.Errorf("%s is nothing to quote", name)
	}
	return os.ReadFile(name)
}

// Close ends the processes that read the repository.
func (d *dataset) Close() {
	if d.repo != nil {
		_ = d.repo.Close() // nothing was written
	}
}
