package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"netsync/schema/sample"
	"netsync/schema/testkit/npmtest"
)

// TestScript runs the commands as users do. Each script finds the sample
// dataset as a Git repository in $WORK/dataset. What follows "[!long] stop" is part
// of the long form.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			if name != "long" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return npmtest.Required(name), nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("GIT_CONFIG_COUNT", "1")
			env.Setenv("GIT_CONFIG_KEY_0", "maintenance.auto")
			env.Setenv("GIT_CONFIG_VALUE_0", "false")
			env.Setenv("GIT_AUTHOR_NAME", "Ada Maintainer")
			env.Setenv("GIT_AUTHOR_EMAIL", "ada@example.org")
			env.Setenv("GIT_COMMITTER_NAME", "Ada Maintainer")
			env.Setenv("GIT_COMMITTER_EMAIL", "ada@example.org")
			env.Setenv("GIT_AUTHOR_DATE", "2026-11-24T09:00:00Z")
			env.Setenv("GIT_COMMITTER_DATE", "2026-11-24T09:00:00Z")
			return os.CopyFS(filepath.Join(env.WorkDir, "dataset"), sample.FS())
		},
	})
}
