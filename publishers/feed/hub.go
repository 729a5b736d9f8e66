package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"netsync/schema/event"
)

// hubNote is the note that says what the hub was told last.
const hubNote = "hub.json"

// told is what a hubNote holds.
type told struct {
	Hub      string    `json:"hub"`
	Sequence event.Seq `json:"sequence"`
	Updated  time.Time `json:"updated"` // of the feed of everything
}

// news are the feeds that changed and of which the hub was not told yet.
type news struct {
	mu    sync.Mutex
	paths map[string]bool
	wake  chan struct{}
}

func newNews() *news { return &news{paths: make(map[string]bool), wake: make(chan struct{}, 1)} }

func (n *news) add(paths ...string) {
	n.mu.Lock()
	for _, path := range paths {
		n.paths[path] = true
	}
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default: // somebody is about to look
	}
}

func (n *news) list() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Keys(n.paths))
}

func (n *news) done(paths []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, path := range paths {
		delete(n.paths, path)
	}
}

// Limits of what is said to a hub, and when.
const (
	hubTimeout  = 20 * time.Second
	hubBatch    = 50 // feeds in a request
	minHubPause = time.Second
	maxHubPause = 5 * time.Minute
)

// Run tells the hub of the feeds that change, until ctx ends, and returns nil
// then. A hub that cannot be reached is tried again with growing pauses. After
// a restart it is told of what it may not have been told of: twice does no
// harm.
func (f *Feed) Run(ctx context.Context) error {
	if f.Hub == "" {
		return nil
	}
	if err := f.recall(); err != nil {
		f.Log.Warn("what the hub was told last cannot be read: it is told of changes from now on", zap.Error(err))
	}
	pause := minHubPause
	for {
		err := f.tell(ctx)
		wait := time.NewTimer(pause)
		wake := f.news.wake
		if err == nil {
			pause = minHubPause
			wait.Stop()
		} else if ctx.Err() == nil {
			f.Log.Warn("the hub was not told of changes", zap.Error(err), zap.Duration("retry_in", pause))
			pause, wake = min(2*pause, maxHubPause), nil
		}
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-wait.C:
		case <-wake:
		}
	}
}

// recall finds the feeds that changed since the hub was told last.
func (f *Feed) recall() error {
	k, err := f.shown()
	if err != nil {
		return ignoreNothing(err)
	}
	data, err := f.dir.ReadNote(hubNote)
	var last told
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && json.Unmarshal(data, &last) != nil {
		last = told{} // it is told of everything
	}
	if last.Hub == f.Hub && last.Sequence == k.Position.Sequence {
		return nil
	}
	if last.Hub != f.Hub {
		last.Updated = time.Time{}
	}
	release, ok := f.dir.Current()
	if !ok {
		return nil
	}
	return fs.WalkDir(release.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		path, ok := feedFile(name)
		if err != nil || d.IsDir() || !ok {
			return err
		}
		data, err := fs.ReadFile(release.FS(), name)
		if err != nil {
			return err
		}
		// What cannot be read is found, and mended, by Publish.
		if head, _, err := splitJSON(data); err == nil && !head.Netsync.Updated.Before(last.Updated) {
			f.news.add(path)
		}
		return nil
	})
}

// ignoreNothing lets pass that no feed is there to go on from.
func ignoreNothing(err error) error {
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// tell tells the hub of everything that is new.
func (f *Feed) tell(ctx context.Context) error {
	paths := f.news.list()
	if len(paths) == 0 {
		return nil
	}
	k, err := f.shown()
	if err != nil {
		return ignoreNothing(err)
	}
	last := told{f.Hub, k.Position.Sequence, f.updated()}
	for batch := range slices.Chunk(paths, hubBatch) {
		if err := f.ping(ctx, batch); err != nil {
			return err
		}
		f.news.done(batch)
	}
	data, err := json.Marshal(last)
	if err != nil {
		return err
	}
	return f.dir.WriteNote(hubNote, data)
}

// updated is when the newest item of all came; the zero time where that cannot
// be read.
func (f *Feed) updated() time.Time {
	data, err := f.dir.ReadFile("feed.json")
	if err != nil {
		return time.Time{}
	}
	head, _, err := splitJSON(data)
	if err != nil {
		return time.Time{}
	}
	return head.Netsync.Updated
}

// ping says which feeds are new, as hubs have it since PubSubHubbub 0.3; the
// WebSub recommendation leaves it to them.
func (f *Feed) ping(ctx context.Context, paths []string) error {
	ctx, cancel := context.WithTimeout(ctx, hubTimeout)
	defer cancel()
	form := url.Values{"hub.mode": {"publish"}}
	for _, path := range paths {
		for _, format := range []string{".json", ".xml"} {
			form.Add("hub.url", f.BaseURL+"/"+path+format)
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.Hub, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("User-Agent", "netsync")
	response, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if response.StatusCode/100 == 2 {
		return nil
	}
	return errors.Join(fmt.Errorf("%s answers %s: %.200q", f.Hub, response.Status, said), err)
}
