package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Place stores archives by name.
type Place interface {
	// Put stores what write writes under a name: all or nothing.
	Put(ctx context.Context, name string, write func(io.Writer) error) (Kept, error)
	// Get opens an archive. The error is fs.ErrNotExist if there is none.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// List returns the archives with a name prefix.
	List(ctx context.Context, prefix string) ([]Kept, error)
	Remove(ctx context.Context, name string) error
	// String returns the address, without keys.
	String() string
}

// Kept describes a stored archive.
type Kept struct {
	Name  string
	Bytes int64
	Time  time.Time // when it was stored
}

const (
	s3Scheme = "s3://"
	// sealedExt and plainExt are the extensions of archives.
	sealedExt = ".tar.zst.age"
	plainExt  = ".tar.zst"
)

// IsFile reports whether an address is that of an archive, not of a place: a
// path or object whose name has a dot, unless it is an existing folder.
func IsFile(address string) bool {
	if strings.HasSuffix(address, "/") {
		return false
	}
	if rest, ok := strings.CutPrefix(address, s3Scheme); ok {
		_, key, _ := strings.Cut(rest, "/")
		return strings.Contains(key[strings.LastIndexByte(key, '/')+1:], ".")
	}
	if info, err := os.Stat(address); err == nil {
		return !info.IsDir()
	}
	return filepath.Ext(address) != ""
}

// Split splits the address of an archive into its place and its name.
func Split(address string) (place, name string) {
	at := strings.LastIndexByte(address, '/')
	if at < 0 {
		return ".", address
	}
	return address[:at+1], address[at+1:]
}

// Open returns the place of an address: s3://bucket/prefix, or a folder, which
// Put creates.
func Open(address string) (Place, error) {
	if strings.HasPrefix(address, s3Scheme) {
		return openBucket(address)
	}
	dir, err := filepath.Abs(address)
	if err != nil {
		return nil, fmt.Errorf("backup to %s: %w", address, err)
	}
	return folder(dir), nil
}

// A folder is a Place on this machine.
type folder string

func (f folder) String() string { return string(f) }

// Put writes a temporary file, syncs and renames it.
func (f folder) Put(_ context.Context, name string, write func(io.Writer) error) (kept Kept, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", filepath.Join(string(f), name), err)
		}
	}()
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return kept, err
	}
	file, err := os.CreateTemp(string(f), ".netsync-backup-*") // 0600
	if err != nil {
		return kept, err
	}
	defer os.Remove(file.Name()) // does nothing after the rename
	if err = write(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return kept, err
	}
	if err := os.Rename(file.Name(), filepath.Join(string(f), name)); err != nil {
		return kept, err
	}
	if err := syncFolder(string(f)); err != nil {
		return kept, err
	}
	info, err := os.Stat(filepath.Join(string(f), name))
	if err != nil {
		return kept, err
	}
	return Kept{name, info.Size(), info.ModTime()}, nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) Get(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(string(f), name))
}

func (f folder) List(_ context.Context, prefix string) ([]Kept, error) {
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the backups in %s: %w", f, err)
	}
	var all []Kept
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && strings.HasPrefix(e.Name(), prefix) {
			all = append(all, Kept{e.Name(), info.Size(), info.ModTime()})
		}
	}
	return all, nil
}

func (f folder) Remove(_ context.Context, name string) error {
	return os.Remove(filepath.Join(string(f), name))
}

// stamp is the format of the time in an archive's name, which sorts by age.
const stamp = "20060102T150405.000Z"

// prefixOf returns the name prefix of a dataset's archives.
func prefixOf(dataset string) string { return "netsync-" + dataset + "-" }

// nameOf returns the name of an archive.
func nameOf(dataset string, at time.Time, sealed bool) string {
	ext := plainExt
	if sealed {
		ext = sealedExt
	}
	return prefixOf(dataset) + at.UTC().Format(stamp) + ext
}

// timeOf parses the time in an archive's name; ok is false for other files.
func timeOf(dataset, name string) (at time.Time, ok bool) {
	rest, ok := strings.CutPrefix(name, prefixOf(dataset))
	if !ok {
		return at, false
	}
	text, sealed := strings.CutSuffix(rest, sealedExt)
	if !sealed {
		if text, ok = strings.CutSuffix(rest, plainExt); !ok {
			return at, false
		}
	}
	at, err := time.Parse(stamp, text)
	return at, err == nil
}

// An Archive is an archive in a place.
type Archive struct {
	Kept
	Began time.Time // when it was begun
}

// Archives returns a dataset's archives in a place, the newest first.
func Archives(ctx context.Context, p Place, dataset string) ([]Archive, error) {
	all, err := p.List(ctx, prefixOf(dataset))
	if err != nil {
		return nil, err
	}
	var archives []Archive
	for _, kept := range all {
		if at, ok := timeOf(dataset, kept.Name); ok {
			archives = append(archives, Archive{kept, at})
		}
	}
	slices.SortFunc(archives, func(a, b Archive) int { return b.Began.Compare(a.Began) })
	return archives, nil
}

// Prune removes all archives of a dataset but the newest.
func Prune(ctx context.Context, p Place, dataset string, keep int) error {
	all, err := Archives(ctx, p, dataset)
	if err != nil {
		return err
	}
	for _, a := range all[min(len(all), max(keep, 1)):] {
		err = errors.Join(err, p.Remove(ctx, a.Name))
	}
	return err
}

// JoinAddress returns the address of a backup at a place.
func JoinAddress(place Place, name string) string {
	return strings.TrimSuffix(place.String(), "/") + "/" + name
}
