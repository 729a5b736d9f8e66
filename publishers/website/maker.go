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

// makerFile names the note beside the releases that records what made the
// current one, so that a process that would make the same release can skip the
// first build.
const makerFile = "maker.json"

type makerNote struct {
	Release string `json:"release"`
	By      string `json:"by"`
}

// inputHash returns a hash of everything except the data that a site depends
// on: the program, the settings and the theme.
func (c Config) inputHash(t *theme) (string, error) {
	program, err := programHash()
	if err != nil {
		return "", fmt.Errorf("website: read the program: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%q\n%t\n%q\n%x\n", program, c.BaseURL, c.Feeds, c.Mail, t.hash.Sum(nil))
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// makerHash returns the hash of inputs and limits that identifies the releases
// of this renderer.
func (r *renderer) makerHash() string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, r.inputHash, r.limits)))
}

// programHash is the hash of the running program, whose file may have moved.
var programHash = sync.OnceValues(func() (string, error) {
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

// adoptRelease returns the source of the current release if this process would
// make the same release from e and no file is damaged. It returns nil if the
// release must be rendered. Only an edition without entries can be adopted.
func (s *Site) adoptRelease(e publishers.Edition) (*releaseSource, error) {
	if e.Fresh || len(e.Entries) > 0 {
		return nil, nil
	}
	data, err := s.dir.ReadNote(makerFile)
	var m makerNote
	if err != nil || json.Unmarshal(data, &m) != nil || m.By != s.renderer.makerHash() {
		return nil, nil //nolint:nilerr // made by unknown inputs
	}
	current, ok := s.dir.Current()
	if !ok || current.Name != m.Release {
		return nil, nil
	}
	if p, err := publishers.ReadPosition(s.dir.ReadFile); err != nil || p != e.Position {
		return nil, nil //nolint:nilerr // at another position
	}
	if found, err := s.dir.Check(); err != nil || len(found) > 0 {
		return nil, nil //nolint:nilerr // a file is damaged
	}
	history, err := readHistory(s.dir.ReadFile)
	if err != nil {
		return nil, err
	}
	catalog, err := newCatalog(s.renderer.limits, e.Manifest, e.State)
	if err != nil {
		return nil, err
	}
	return &releaseSource{e.Position, e.Changeset.ManifestDigest, catalog, history}, nil
}

// writeMaker writes makerFile for the current release.
func (s *Site) writeMaker() {
	current, _ := s.dir.Current()
	data, err := json.Marshal(makerNote{current.Name, s.renderer.makerHash()})
	if err == nil {
		data = append(data, '\n')
		if old, err := s.dir.ReadNote(makerFile); err == nil && bytes.Equal(old, data) {
			return
		}
		err = s.dir.WriteNote(makerFile, data)
	}
	if err != nil {
		s.log.Warn("cannot record the maker of the release; it is rendered again at the next start", zap.Error(err))
	}
}
