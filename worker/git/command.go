package git

import (
	"context"

	"netsync/schema/shared/gitcommand"
)

// runGit runs a git command in a repository ("" for none) and returns its output.
func runGit(ctx context.Context, gitDir string, args ...string) ([]byte, error) {
	return gitcommand.New(ctx, gitDir, args...).Output()
}
