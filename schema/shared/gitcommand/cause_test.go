package gitcommand_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsync/schema/shared/gitcommand"
)

func TestAnErrorQuotesTheLineOfGitThatHasTheCause(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	for name, c := range map[string]struct{ output, want string }{
		"no repository": {
			"fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n",
			"git fetch: fatal: '/x' does not appear to be a git repository",
		},
		"another owner": {
			"fatal: detected dubious ownership in repository at '/x'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /x\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n",
			"git fetch: fatal: detected dubious ownership in repository at '/x'",
		},
		"SSH":           {"git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n", "git fetch: git@h: Permission denied (publickey)."},
		"nothing else":  {"fatal: Could not read from remote repository.\n", "git fetch: fatal: Could not read from remote repository."},
		"many lines":    {"a\nfatal: cause\nb\nc\nd\ne\n", "git fetch: fatal: cause; d; e"},
		"late fatal":    {"a\nb\nc\nfatal: cause\nd\n", "git fetch: c; fatal: cause; d"},
		"rejected push": {"To x\n ! [rejected] a -> a (fetch first)\nerror: failed to push some refs to 'https://u:secret@h/x'\nhint: Updates were rejected\n", "git fetch: To x; ! [rejected] a -> a (fetch first); error: failed to push some refs to 'https://u:xxxxx@h/x'"},
		"control":       {"remote: broken\x00.\x1b[2K\n", "git fetch: remote: broken.[2K"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(bin, strings.ReplaceAll(name, " ", "-"))
			if err := os.WriteFile(file, []byte(c.output), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := gitcommand.New(t.Context(), "", "fetch")
			cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `cat "$1" >&2; exit 128`, "sh", file}
			if _, err := cmd.Output(); err == nil || err.Error() != c.want {
				t.Errorf("error = %v, want %s", err, c.want)
			}
		})
	}
}
