package mailcatcher

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	suffix   = ".eml"
	partial  = ".part"
	idLayout = "20060102T150405.000000000Z"
)

// An id is the time of arrival, UTC, so that names sort by it.
var idPattern = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}\.[0-9]{9}Z$`)

// store is the folder of messages. Messages outlive the process, not a power
// failure: nothing here is worth an fsync.
type store struct {
	dir string
	now func() time.Time

	mu       sync.Mutex
	messages []Message // the oldest first
	last     time.Time // of the newest id
}

// load reads what earlier runs kept, and removes what they did not finish.
func (s *store) load() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("mail catcher: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		id, isMail := strings.CutSuffix(e.Name(), suffix)
		if base, ok := strings.CutSuffix(e.Name(), partial); ok && idPattern.MatchString(base) {
			os.Remove(filepath.Join(s.dir, e.Name()))
		}
		if !isMail || !e.Type().IsRegular() || !idPattern.MatchString(id) {
			continue
		}
		received, err := time.Parse(idLayout, id)
		if err != nil {
			continue
		}
		m, err := s.readSummary(id, received)
		if err != nil {
			return fmt.Errorf("mail catcher: %w", err)
		}
		s.messages = append(s.messages, m)
		s.last = received
	}
	s.removeOldest()
	return nil
}

// readSummary reads the head of a kept message.
func (s *store) readSummary(id string, received time.Time) (Message, error) {
	f, err := os.Open(s.filePath(id))
	if err != nil {
		return Message{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Message{}, err
	}
	return parseMessage(id, received, info.Size(), bufio.NewReader(f)), nil
}

// add writes a message to its file, and lets it be seen when it is whole.
func (s *store) add(from string, recipients []string, r io.Reader) (Message, error) {
	id, received := s.nextID()
	temp := filepath.Join(s.dir, id+partial)
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Message{}, err
	}
	w := bufio.NewWriter(f)
	_, _ = w.Write(envelopeHeader(from, recipients, received))
	_, err = io.Copy(w, r)
	if err := errors.Join(err, w.Flush(), f.Close()); err != nil {
		return Message{}, errors.Join(err, os.Remove(temp))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.Rename(temp, s.filePath(id)); err != nil {
		return Message{}, errors.Join(err, os.Remove(temp))
	}
	m, err := s.readSummary(id, received)
	if err != nil {
		return Message{}, err
	}
	s.messages = append(s.messages, m)
	slices.SortFunc(s.messages, func(a, b Message) int { return strings.Compare(a.ID, b.ID) })
	s.removeOldest()
	return m, nil
}

// nextID gives every message a time of its own, later than all before, even
// where the clock stands still or goes back.
func (s *store) nextID() (string, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.now().UTC().Round(0)
	if !t.After(s.last) {
		t = s.last.Add(1)
	}
	s.last = t
	return t.Format(idLayout), t
}

// removeOldest removes the oldest messages beyond the limit. One that cannot be removed
// is no longer listed, and tried again at the next start.
func (s *store) removeOldest() {
	for len(s.messages) > maxMessages {
		os.Remove(s.filePath(s.messages[0].ID))
		s.messages = slices.Delete(s.messages, 0, 1)
	}
}

func (s *store) list() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := slices.Clone(s.messages)
	slices.Reverse(newest)
	return newest
}

// findMessage gives a message of the list: an id from outside never makes a path.
func (s *store) findMessage(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.ID == id {
			return m, true
		}
	}
	return Message{}, false
}

func (s *store) readFile(id string) ([]byte, error) {
	m, ok := s.findMessage(id)
	if !ok {
		return nil, &fs.PathError{Op: "read message", Path: id, Err: fs.ErrNotExist}
	}
	return os.ReadFile(s.filePath(m.ID))
}

func (s *store) filePath(id string) string { return filepath.Join(s.dir, id+suffix) }
