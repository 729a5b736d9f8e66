package git

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// MergeBase returns the last common commit of the histories of two commits. ok is false if
// there is none.
func (r *Repository) MergeBase(ctx context.Context, a, b CommitID) (base CommitID, ok bool, err error) {
	if !a.Valid() || !b.Valid() {
		return "", false, fmt.Errorf("merge base: %q or %q is not a commit", a, b)
	}
	out, err := runGit(ctx, r.dir, "merge-base", "--end-of-options", string(a), string(b))
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("merge base of %s and %s: %w", a, b, err)
	}
	return CommitID(strings.TrimSpace(string(out))), true, nil
}
