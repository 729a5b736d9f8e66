package git

import (
	"context"
	"fmt"
	"path"
)

// File returns the content of a file at a commit, by its path from the root of
// the repository. The error is *ErrTooLarge if it has more than limit bytes.
func (r *Repository) File(ctx context.Context, commit CommitID, name string, limit int64) ([]byte, error) {
	dir, base := path.Split(name)
	folder, err := r.folderTree(ctx, commit, dir)
	if err != nil {
		return nil, err
	}
	entry, err := r.findEntry(ctx, folder.ID, base)
	if err != nil {
		return nil, err
	}
	if entry.ID == "" {
		return nil, fmt.Errorf("commit %s has no file %s", commit, name)
	}
	return r.Blob(ctx, entry.ID, limit)
}
