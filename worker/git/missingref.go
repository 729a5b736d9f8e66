package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrRefNotFound says that the repository does not have the ref.
var ErrRefNotFound = errors.New("ref not found")

// A RefError is an ErrRefNotFound that names the "refs/heads/" that there are.
type RefError struct {
	Ref      string
	Branches []string
}

// maxNamed bounds how many "refs/heads/" an error names.
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

// Is makes the error an ErrRefNotFound.
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
