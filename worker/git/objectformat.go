package git

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Object formats of repositories; see git-init(1), --object-format.
const (
	formatSHA1   = "sha1"
	formatSHA256 = "sha256"
)

// objectFormat returns the object format of a repository on this machine.
func objectFormat(ctx context.Context, dir string) (string, error) {
	out, err := runGit(ctx, dir, "rev-parse", "--show-object-format")
	return strings.TrimSpace(string(out)), err
}

// formatOf returns the object format of an id.
func formatOf(id CommitID) string {
	if len(id) == hex.EncodedLen(sha256.Size) {
		return formatSHA256
	}
	return formatSHA1
}

// recreateRepository creates an empty mirror with another object format: a repository has
// only one.
func (m *Mirror) recreateRepository(ctx context.Context, format string) error {
	m.format = format
	return m.removeFiles(ctx)
}
