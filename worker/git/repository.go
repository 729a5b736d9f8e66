package git

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// A Repository is a repository on this machine. It is safe for concurrent use.
type Repository struct {
	dir     string // of Git's own files
	prefix  string
	objects *objects
	recent  recent
}

// OpenRepository opens the repository that a folder belongs to.
func OpenRepository(ctx context.Context, dir string) (*Repository, error) {
	out, err := runGit(ctx, "", "-C", dir, "rev-parse", "--absolute-git-dir", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("open the Git repository at %s: %w", dir, err)
	}
	lines := strings.Split(string(out), "\n")
	return newRepository(lines[0], strings.TrimSuffix(lines[1], "/")), nil
}

func newRepository(dir, prefix string) *Repository {
	return &Repository{dir: filepath.Clean(dir), prefix: prefix, objects: &objects{dir: dir}}
}

// Prefix returns the path of the folder that was opened within the
// repository; "" for its root.
func (r *Repository) Prefix() string { return r.prefix }

// Close ends the processes that read the repository.
func (r *Repository) Close() error { return r.objects.close() }

// Resolve returns the commit that a revision names, such as main~2.
func (r *Repository) Resolve(ctx context.Context, rev string) (CommitID, error) {
	out, err := runGit(ctx, r.dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("there is no revision %q", rev)
	}
	return CommitID(strings.TrimSpace(string(out))), nil
}

// Has reports whether a commit is in the repository.
func (r *Repository) Has(ctx context.Context, id CommitID) (bool, error) {
	if !id.Valid() {
		return false, fmt.Errorf("%q is not a commit", id)
	}
	// The caller usually reads the commit next, so it is kept.
	data, kind, err := r.objects.read(ctx, string(id), maxPlain)
	if err == nil {
		r.recent.put(ObjectID(id), object{kind, data})
	}
	if unlessReported(err) != nil {
		kind, _, err = r.objects.readInfo(ctx, string(id)) // what reads it finds out that it is damaged
	}
	return kind == "commit", unlessReported(err)
}
