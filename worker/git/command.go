package git

import (
	"context"

	"netsync/schema/shared/gitcommand"
)

// output runs a git command in a repository ("" where there is none) and
// returns what it printed.
func output(ctx context.Context, gitDir string, args ...string) ([]byte, error) {
	return gitcommand.New(ctx, gitDir, args...).Output()
}
