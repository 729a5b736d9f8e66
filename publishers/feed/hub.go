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

// hubFile is the note in the channel's folder that holds a hubReceipt.
const hubFile = "hub.json"

// hubReceipt records the last notification of the hub.
type hubReceipt struct {
	Hub      string    `json:"hub"`
	Sequence event.Seq `json:"sequence"`
	Updated  time.Time `json:"updated"` // of the feed of everything
}

// pendingFeeds holds the paths of changed feeds until the hub is notified.
type pendingFeeds struct {
	mu    sync.Mutex
	paths map[string]bool
	wake  chan struct{}
}

func newPendingFeeds() *pendingFeeds {
	return &pendingFeeds{paths: make(map[string]bool), wake: make(chan struct{}, 1)}
}

func (p *pendingFeeds) add(paths ...string) {
	p.mu.Lock()
	for _, path := range paths {
		p.paths[path] = true
	}
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default: // a wake-up is pending
	}
}

func (p *pendingFeeds) list() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.paths))
}

func (p *pendingFeeds) remove(paths []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, path := range paths {
		delete(p.paths, path)
	}
}

// Limits of notifications to a hub.
const (
	hubTimeout  = 20 * time.Second
	hubBatch    = 50 // feeds in a request
	minHubPause = time.Second
	maxHubPause = 5 * time.Minute
)

// Run notifies the hub of changed feeds until ctx ends, and then returns nil. It
// retries with growing pauses. After a restart it may repeat a notification,
// which is harmless.
func (f *Feed) Run(ctx context.Context) error {
	if f.Hub == "" {
		return nil
	}
	if err := f.loadPending(); err != nil {
		f.Log.Warn("cannot read the last notification of the hub; continuing with new changes", zap.Error(err))
	}
	pause := minHubPause
	for {
		err := f.notifyHub(ctx)
		wait := time.NewTimer(pause)
		wake := f.pending.wake
		if err == nil {
			pause = minHubPause
			wait.Stop()
		} else if ctx.Err() == nil {
			f.Log.Warn("cannot notify the hub; retrying", zap.Error(err), zap.Duration("retry_in", pause))
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

// loadPending finds the feeds that changed since the last notification.
func (f *Feed) loadPending() error {
	m, err := f.readMetadata()
	if err != nil {
		return ignoreRebuild(err)
	}
	data, err := f.dir.ReadNote(hubFile)
	var last hubReceipt
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && json.Unmarshal(data, &last) != nil {
		last = hubReceipt{} // notify of all feeds
	}
	if last.Hub == f.Hub && last.Sequence == m.Position.Sequence {
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
		path, ok := feedPath(name)
		if err != nil || d.IsDir() || !ok {
			return err
		}
		data, err := fs.ReadFile(release.FS(), name)
		if err != nil {
			return err
		}
		// Publish finds and repairs damaged feeds.
		if head, _, err := splitJSON(data); err == nil && !head.Netsync.Updated.Before(last.Updated) {
			f.pending.add(path)
		}
		return nil
	})
}

// ignoreRebuild returns nil for errNeedsRebuild, and err otherwise.
func ignoreRebuild(err error) error {
	if errors.Is(err, errNeedsRebuild) {
		return nil
	}
	return err
}

// notifyHub sends the pending paths to the hub and records that in hubFile.
func (f *Feed) notifyHub(ctx context.Context) error {
	paths := f.pending.list()
	if len(paths) == 0 {
		return nil
	}
	m, err := f.readMetadata()
	if err != nil {
		return ignoreRebuild(err)
	}
	last := hubReceipt{f.Hub, m.Position.Sequence, f.lastUpdate()}
	for batch := range slices.Chunk(paths, hubBatch) {
		if err := f.pingHub(ctx, batch); err != nil {
			return err
		}
		f.pending.remove(batch)
	}
	data, err := json.Marshal(last)
	if err != nil {
		return err
	}
	return f.dir.WriteNote(hubFile, data)
}

// lastUpdate returns the time of the newest item of all feeds, or the zero time
// if it cannot be read.
func (f *Feed) lastUpdate() time.Time {
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

// pingHub posts the URLs of changed feeds to the hub. The request has the form
// of PubSubHubbub 0.3; the WebSub recommendation does not specify one.
func (f *Feed) pingHub(ctx context.Context, paths []string) error {
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
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if response.StatusCode/100 == 2 {
		return nil
	}
	return errors.Join(fmt.Errorf("%s answers %s: %.200q", f.Hub, response.Status, body), err)
}
