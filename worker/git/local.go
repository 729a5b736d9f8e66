package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A repository on this machine is read without a fetch, which costs about fifty times as
// much as reading: the mirror borrows its objects, and refs are read from the repository.

// alternates is the file of a mirror that lists the objects that it borrows; see
// gitrepository-layout(5).
const alternates = "objects/info/alternates"

// addAlternate makes the mirror borrow the objects of a repository on this machine. A
// repository that cannot lend them is fetched.
func (m *Mirror) addAlternate(ctx context.Context) error {
	m.seen = takeFingerprint(m.config.Repository)
	place, err := findLocal(ctx, m.config.Repository)
	if err != nil {
		return err
	}
	if place == nil {
		return m.removeAlternate()
	}
	if place.format != m.format {
		if err := m.recreateRepository(ctx, place.format); err != nil {
			return err
		}
	}
	file, want := filepath.Join(m.dir, alternates), place.objects+"\n"
	if have, err := os.ReadFile(file); err != nil || string(have) != want {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			return err
		}
	}
	m.source = newRepository(place.dir, "")
	return nil
}

// checkAlternate adds the alternate again if the repository was replaced by another, or
// was moved away or back.
func (m *Mirror) checkAlternate(ctx context.Context) error {
	if m.seen.isSame(takeFingerprint(m.config.Repository)) {
		return nil
	}
	m.objects.restartProcess() // git reads once what it borrows from
	if err := m.removeAlternate(); err != nil {
		return err
	}
	if err := m.addAlternate(ctx); err != nil {
		m.seen = nil // try again
		return err
	}
	return nil
}

// removeAlternate removes the alternate.
func (m *Mirror) removeAlternate() error {
	err := os.Remove(filepath.Join(m.dir, alternates))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if m.source == nil {
		return nil
	}
	err = m.source.Close()
	m.source = nil
	return err
}

// A place holds the folders of a repository on this machine.
type place struct{ dir, objects, format string }

// findLocal finds a repository on this machine. It returns nil for another kind of address,
// and for a repository that does not exist, or is shallow or partial.
func findLocal(ctx context.Context, address string) (*place, error) {
	if strings.Contains(address, "://") || scpForm(address) {
		return nil, nil
	}
	path, err := filepath.Abs(address)
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	out, err := runGit(ctx, "", "-C", path, "rev-parse", "--path-format=absolute", "--git-dir", "--git-path", "objects",
		"--git-path", "shallow", "--show-object-format", "--show-prefix")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) < 5 {
		return nil, nil // a fetch reports the cause
	}
	dir, objects, shallow, format, prefix := lines[0], lines[1], lines[2], lines[3], lines[4]
	own := prefix == "" && (isThere(filepath.Join(path, ".git")) || sameFile(path, dir))
	if !own || isThere(shallow) || isPartial(objects) {
		return nil, nil
	}
	return &place{dir, objects, format}, nil
}

// localPath returns the path of a repository on this machine; ok is false for one on another
// machine.
func localPath(address string) (path string, ok bool) {
	if path, ok := strings.CutPrefix(address, "file://"); ok {
		return path, true
	}
	return address, !strings.Contains(address, "://") && !scpForm(address)
}

// scpForm reports whether git reads an address as host:path.
func scpForm(address string) bool {
	host, _, ok := strings.Cut(address, ":")
	return ok && !strings.Contains(host, "/")
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}

// isPartial reports whether objects were left with a promisor remote.
func isPartial(objects string) bool {
	found, err := filepath.Glob(filepath.Join(objects, "pack", "*.promisor"))
	return err != nil || len(found) > 0
}
