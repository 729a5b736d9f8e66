package preview

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"netsync/publishers/website"
	"netsync/schema"
)

// A Config configures a Server.
type Config struct {
	// Dir is the dataset's folder, and Theme that of a theme, or "".
	Dir, Theme string
	Listener   net.Listener
	// Report, if not nil, is called with the outcome of each check of the
	// files.
	Report func(Outcome)
	Now    func() time.Time // nil means time.Now
}

// An Outcome is the result of a check of the files.
type Outcome struct {
	First    bool     // the first check
	Changed  []string // files of the dataset
	Files    int      // of the dataset, in all
	Findings []schema.Finding
	Theme    website.ThemeErrors
	Broken   bool  // nothing can be shown: the manifest is invalid
	Err      error // why the files could not be read
}

// A Server serves the preview.
type Server struct {
	config Config
	watch  watch
	draft  *draft

	mu      sync.RWMutex
	shown   shown
	version string
	moved   chan struct{} // closed and replaced when the version changes
	count   int
	began   time.Time
}

// shown is the data for answering requests.
type shown struct {
	site *website.Preview // nil if there is nothing to show
	Outcome
	held    map[string]bool // ids of records not shown as in the folder
	changes int             // records that differ from the last commit
}

// New returns a server; Run starts it.
func New(c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Report == nil {
		c.Report = func(Outcome) {}
	}
	return &Server{config: c, watch: watch{config: c}, moved: make(chan struct{}), began: c.Now()}
}

// Run reads the files and serves until ctx ends, checking the files for
// changes.
func (s *Server) Run(ctx context.Context) error {
	base := openCommitted(ctx, s.config.Dir)
	defer base.close()
	s.draft = &draft{files: os.DirFS(s.config.Dir), committed: base, now: s.config.Now}
	s.update(ctx)
	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{
		Handler:           s.newHandler(),
		ReadHeaderTimeout: 5 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // ends event streams
	}
	group.Go(func() error {
		if err := server.Serve(s.config.Listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve http://%s: %w", s.config.Listener.Addr(), err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return server.Close() // do not wait for open requests
	})
	group.Go(func() error {
		s.watchFiles(ctx)
		return nil
	})
	return group.Wait()
}

// Pause between checks of the files: lookEvery, or a multiple of the duration
// of a check if there are very many files.
const (
	lookEvery = 200 * time.Millisecond
	rest      = 10
)

func (s *Server) watchFiles(ctx context.Context) {
	pause := lookEvery
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		began := time.Now()
		s.update(ctx)
		pause = max(lookEvery, rest*time.Since(began))
	}
}

// update checks the files and shows the changes. A failed read is retried each
// time, but reported once.
func (s *Server) update(ctx context.Context) {
	moved, err := s.watch.waitForChange(ctx, s.draft.committed.headCommit)
	first := s.count == 0
	if err == nil && moved.isEmpty() && !first && s.shown.Err == nil && !s.draft.isOutdated() {
		return
	}
	if err == nil {
		err = s.draft.read(ctx, moved.names, s.watch.commit)
	}
	if ctx.Err() != nil {
		return
	}
	next := s.nextShown(moved.theme || first, err)
	if next.Err != nil && s.shown.Err != nil && next.Err.Error() == s.shown.Err.Error() {
		return
	}
	if next.First = first; !first {
		next.Changed = slices.Sorted(slices.Values(moved.names))
	}
	s.setShown(next)
	s.config.Report(next.Outcome)
}

// nextShown returns the new data for the draft. If a theme changed, everything
// is rendered again.
func (s *Server) nextShown(theme bool, failed error) shown {
	d := s.draft
	next := shown{Outcome: Outcome{Findings: d.findings, Err: failed}, held: make(map[string]bool)}
	if failed != nil {
		return next
	}
	next.Files = d.snap.Len()
	for _, id := range d.held {
		next.held[id.String()] = true
	}
	if d.edition.State == nil {
		next.Broken = true
		return next
	}
	for _, entry := range d.edition.Entries {
		next.changes += len(entry.Changes)
	}
	site, err := s.updateSite(theme)
	switch next.Theme = website.FindThemeErrors(err); {
	case err == nil:
		next.site = site
	case next.Theme == nil:
		next.Err = err
	}
	return next
}

// updateSite updates the site to the draft's edition, or makes a new one.
func (s *Server) updateSite(theme bool) (*website.Preview, error) {
	e := s.draft.edition
	if old := s.shown.site; old != nil && !theme && old.Shows(e.Changeset.ManifestDigest) {
		return old, old.Update(e, s.draft.touched)
	}
	return website.NewPreview(website.Config{Theme: s.config.Theme}, e)
}

func (s *Server) setShown(next shown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = next
	s.count++
	s.version = strconv.FormatInt(s.began.UnixMilli(), 36) + "-" + strconv.Itoa(s.count)
	close(s.moved)
	s.moved = make(chan struct{})
}

// currentShown returns the current data, its version, and a channel that is
// closed when they change.
func (s *Server) currentShown() (shown, string, <-chan struct{}) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.shown, s.version, s.moved
}
