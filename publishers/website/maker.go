package website

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"go.uber.org/zap"

	"netsync/publishers"
)

// makerNote says who made the current release, so that a process which would
// make the same need not do it when it starts.
const makerNote = "maker.json"

type made struct {
	Release string `json:"release"`
	By      string `json:"by"`
}

// maker is a hash of all that a site depends on besides the data: the program,
// the settings, and the theme.
func (c Config) maker(t *theme) (string, error) {
	program, err := program()
	if err != nil {
		return "", fmt.Errorf("website: read the program: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%q\n%t\n%q\n%x\n", program, c.BaseURL, c.Feeds, c.Mail, t.sum.Sum(nil))
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// by is the maker of what this press prints.
func (p *press) by() string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, p.maker, p.limits)))
}

// program is a hash of the running program, which may no longer lie where it
// was started from.
var program = sync.OnceValues(func() (string, error) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		name, err := os.Executable()
		if err != nil {
			return "", err
		}
		if f, err = os.Open(name); err != nil {
			return "", err
		}
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
})

// takeUp knows what the current release was made from, where this process would
// make the same of an edition that brings nothing new, and every file of it is
// what was published; else it returns nil.
func (s *Site) takeUp(e publishers.Edition) (*shown, error) {
	if e.Fresh || len(e.Entries) > 0 {
		return nil, nil
	}
	data, err := s.dir.ReadNote(makerNote)
	var m made
	if err != nil || json.Unmarshal(data, &m) != nil || m.By != s.press.by() {
		return nil, nil //nolint:nilerr // nobody knows who made it
	}
	current, ok := s.dir.Current()
	if !ok || current.Name != m.Release {
		return nil, nil
	}
	if p, err := publishers.ReadPosition(s.dir.ReadFile); err != nil || p != e.Position {
		return nil, nil //nolint:nilerr // to be rendered
	}
	if found, err := s.dir.Check(); err != nil || len(found) > 0 {
		return nil, nil //nolint:nilerr // to be mended
	}
	history, err := readHistory(s.dir.ReadFile)
	if err != nil {
		return nil, err
	}
	catalog, err := newCatalog(s.press.limits, e.Manifest, e.State)
	if err != nil {
		return nil, err
	}
	return &shown{e.Position, e.Changeset.ManifestDigest, catalog, history}, nil
}

// sign notes that this process made the current release, or would have made
// the same.
func (s *Site) sign() {
	current, _ := s.dir.Current()
	data, err := json.Marshal(made{current.Name, s.press.by()})
	if err == nil {
		data = append(data, '\n')
		if old, err := s.dir.ReadNote(makerNote); err == nil && bytes.Equal(old, data) {
			return
		}
		err = s.dir.WriteNote(makerNote, data)
	}
	if err != nil {
		s.log.Warn("nothing says who made the website: it is rendered again at the next start", zap.Error(err))
	}
}
