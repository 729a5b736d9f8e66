package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// indexed is a release or a spare with its index.
type indexed struct {
	name  string
	time  time.Time // when it was written
	index index
	// verified is set after this process read or wrote the release's files and
	// found no damage. indexLog guards it.
	verified bool
}

// An indexLog is the index log of a channel's folder, as far as this process
// has read it. It is safe for concurrent use; the writing methods need the
// channel's lock as well.
type indexLog struct {
	slack int // see logSlack; tests change it

	mu sync.Mutex
	logState
}

// logState is what an indexLog has read.
type logState struct {
	info      fs.FileInfo // of the file; nil if there is none
	size      int64       // bytes that could be read
	sum       [sha256.Size]byte
	lines     int        // so many lines
	rewritten int        // lines when the log was last rewritten
	releases  []*indexed // oldest first
}

// logPath returns the path of the index log of a channel's folder.
func logPath(dir string) string { return filepath.Join(dir, releasesDir, logFile) }

// logFile is the name of the index log, which no release can have.
const logFile = "index.log"

// findRelease returns a release of the folder dir. The error is fs.ErrNotExist if the
// log has none of that name.
func (l *indexLog) findRelease(dir, name string) (*indexed, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refreshState(dir); err != nil {
		return nil, err
	}
	if r := l.get(name); r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("the index lists no release %s: %w", name, fs.ErrNotExist)
}

// list returns the releases and spares of the folder dir, oldest first.
func (l *indexLog) list(dir string) ([]*indexed, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.refreshState(dir)
	return slices.Clone(l.releases), err
}

func (l *indexLog) setVerified(r *indexed, verified bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.verified = verified
}

func (l *indexLog) isVerified(r *indexed) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return r.verified
}

// refreshState reads what was appended since the last call, or the whole log if it
// was rewritten.
func (l *indexLog) refreshState(dir string) error {
	info, err := os.Stat(logPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		l.logState = logState{}
		return nil
	}
	if err != nil || l.info != nil && isUnchangedFile(l.info, info) {
		return err
	}
	file, err := os.Open(logPath(dir))
	if err != nil {
		return err
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil {
		return err
	}
	if l.info != nil && os.SameFile(l.info, info) && info.Size() > l.info.Size() {
		if err = l.readFrom(file, dir); err == nil && l.size >= info.Size() {
			l.info = info
			return nil
		}
	}
	l.logState = logState{}
	err = l.readFrom(file, dir)
	l.info = info
	return err
}

func isUnchangedFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// readFrom reads the blocks after size. It stops at one that is incomplete or
// damaged.
func (s *logState) readFrom(file io.ReaderAt, dir string) error {
	data, err := io.ReadAll(io.NewSectionReader(file, s.size, 1<<62))
	if err != nil {
		return err
	}
	s.decode(data)
	s.removeGone(dir)
	return nil
}

func (s *logState) decode(data []byte) {
	if s.size == 0 {
		heading, rest, ok := bytes.Cut(data, []byte("\n"))
		if _, err := fmt.Sscanf(string(heading)+"\n", logHeading, &s.rewritten); err != nil || !ok {
			return
		}
		s.size, data = int64(len(heading)+1), rest
	}
	for {
		lines, rest, sum, ok := cutBlock(data, s.sum)
		if !ok {
			return
		}
		r, err := decodeBlock(lines, func(name string) (index, bool) {
			if r := s.get(name); r != nil {
				return r.index, true
			}
			return index{}, false
		})
		if err != nil {
			return
		}
		s.addBlock(r, len(data)-len(rest), bytes.Count(lines, []byte("\n")), sum)
		data = rest
	}
}

// addBlock records a release, and that its block was read or written.
func (s *logState) addBlock(r *indexed, size, lines int, sum [sha256.Size]byte) {
	s.size, s.lines, s.sum = s.size+int64(size), s.lines+lines, sum
	s.releases = slices.DeleteFunc(s.releases, func(old *indexed) bool { return old.name == r.name })
	s.releases = append(s.releases, r)
}

// get returns a release, or nil.
func (s *logState) get(name string) *indexed {
	if i := slices.IndexFunc(s.releases, func(r *indexed) bool { return r.name == name }); i >= 0 {
		return s.releases[i]
	}
	return nil
}

// removeGone removes the releases that no longer exist. The newest is kept: its
// files may not be there yet.
func (s *logState) removeGone(dir string) {
	last := len(s.releases) - 1
	kept := s.releases[:0:0]
	for i, r := range s.releases {
		_, err := os.Lstat(filepath.Join(dir, releasesDir, r.name))
		if err != nil {
			_, err = os.Lstat(filepath.Join(dir, spareDir, r.name))
		}
		if err == nil || i == last {
			kept = append(kept, r)
		}
	}
	s.releases = kept
}

// logSlack is the number of lines that a log may have beyond twice those of when
// it was last rewritten.
const logSlack = 1000

// add adds a release with its changes from an earlier one, which is nil if
// there is none, and syncs the log. It rewrites a log that is damaged, or that
// is twice as long as it was when it was last rewritten.
func (l *indexLog) add(root *folder, r, base *indexed, changes map[string]change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refreshState(root.Name()); err != nil {
		return err
	}
	r.time = time.Now().Round(0)
	isWhole := l.info != nil && l.size == l.info.Size()
	if !isWhole || l.lines+len(changes) > 2*l.rewritten+l.slack || base != nil && l.get(base.name) != base {
		return l.rewriteWith(root, r)
	}
	name := ""
	if base != nil {
		name = base.name
	}
	var block bytes.Buffer
	sum := encodeBlock(&block, r, name, changes, l.sum)
	data := block.Bytes()
	log := path.Join(releasesDir, logFile)
	if err := root.appendTo(log, data); err != nil {
		return err
	}
	if err := root.sync(log); err != nil {
		return err
	}
	if err := l.checkTail(root, data); err != nil {
		return err
	}
	l.addBlock(r, len(data), 1+len(changes), sum)
	l.removeGone(root.Name())
	return l.statFile(root)
}

// checkTail reads data back, which was appended.
func (l *indexLog) checkTail(root *folder, data []byte) error {
	file, err := root.Open(path.Join(releasesDir, logFile))
	if err != nil {
		return err
	}
	defer file.Close()
	got := make([]byte, len(data))
	if _, err := file.ReadAt(got, l.size); err != nil || !bytes.Equal(got, data) {
		return errors.Join(&ReadBackError{logFile}, err)
	}
	return nil
}

func (l *indexLog) statFile(root *folder) (err error) {
	l.info, err = os.Stat(logPath(root.Name()))
	return err
}

// rewriteFile is rewriteWith under the lock of l.
func (l *indexLog) rewriteFile(root *folder, added []*indexed) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rewriteWith(root, added...)
}

// rewriteWith replaces the log by one with the releases that exist, and those
// that are added.
func (l *indexLog) rewriteWith(root *folder, added ...*indexed) error {
	l.removeGone(root.Name())
	var next logState
	var b bytes.Buffer
	fmt.Fprintf(&b, logHeading, 0)
	base := &indexed{}
	for _, r := range slices.Concat(l.releases, added) {
		changes := base.index.changesTo(r.index)
		next.addBlock(r, 0, 1+len(changes), encodeBlock(&b, r, base.name, changes, next.sum))
		base = r
	}
	copy(b.Bytes(), fmt.Sprintf(logHeading, next.lines))
	next.size, next.rewritten = int64(b.Len()), next.lines
	l.logState = logState{}
	if err := root.replaceFile(path.Join(releasesDir, logFile), b.Bytes()); err != nil {
		return err
	}
	l.logState = next
	return l.statFile(root)
}
