package gitcommand_test

import (
	"testing"

	"netsync/schema/shared/gitcommand"
)

func TestRedactHidesSecretsAndNothingElse(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://example.org/r.git":         "https://example.org/r.git",
		"https://u:secret@example.org/r":    "https://u:xxxxx@example.org/r",
		"https://secret@example.org/r":      "https://xxxxx@example.org/r",
		"https://u:se%cret@example.org/r":   "https://xxxxx@example.org/r",
		"https://u:se cret@example.org/r":   "https://xxxxx@example.org/r",
		"https://u:secret@exa mple.org/a@b": "https://xxxxx@exa mple.org/a@b",
		"ssh://git@example.org/r":           "ssh://git@example.org/r",
		"ssh://git:secret@example.org/r":    "ssh://git:xxxxx@example.org/r",
		"git@github.com:u/r.git":            "git@github.com:u/r.git",
		"/srv/a@b":                          "/srv/a@b",
		"":                                  "",
	} {
		if got := gitcommand.Redact(address); got != want {
			t.Errorf("Redact(%q) = %q, want %q", address, got, want)
		}
	}
}
