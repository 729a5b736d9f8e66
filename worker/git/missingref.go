package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrRefNotFound is returned if the repository does not have the ref.
var ErrRefNotFound = errors.New("ref not found")

// A RefError is an ErrRefNotFound that lists the existing branches.
type RefError struct {
	Ref      string
	Branches []string
}

// maxNamed is the maximum number of branches in an error.
const maxNamed = 5

func (e *RefError) Error() string {
	kind := "branch"
	if e.Ref == "HEAD" || strings.HasPrefix(e.Ref, "refs/") {
		kind = "ref"
	}
	switch n := len(e.Branches); {
	case n == 0:
		return "the repository is empty: it has no branch; commit the dataset to it, or push it there"
	case n == 1:
		return fmt.Sprintf("no %s %s; there is %s: set dataset.ref to the branch of the dataset", kind, e.Ref, e.Branches[0])
	case n > maxNamed:
		return fmt.Sprintf("no %s %s; there are %s and %d more: set dataset.ref to the branch of the dataset", kind, e.Ref, strings.Join(e.Branches[:maxNamed], ", "), n-maxNamed)
	}
	return fmt.Sprintf("no %s %s; there are %s: set dataset.ref to the branch of the dataset", kind, e.Ref, strings.Join(e.Branches, ", "))
}

// Is reports that the error is an ErrRefNotFound.
func (e *RefError) Is(target error) bool { return target == ErrRefNotFound }

// missingRef returns the error for a ref that the repository does not have.
func (m *Mirror) missingRef(ctx context.Context) error {
	out, err := m.runRemote(ctx, "ls-remote", "--quiet", "--heads", "--end-of-options", m.config.Repository)
	if err != nil {
		return m.findCause(ctx, err)
	}
	missing := &RefError{Ref: m.config.Ref}
	for line := range strings.Lines(string(out)) {
		if _, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			missing.Branches = append(missing.Branches, strings.TrimPrefix(name, "refs/heads/"))
		}
	}
	return missing
}
