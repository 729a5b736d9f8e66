package publishertest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// patience is how long a channel may take on a busy machine.
const patience = 60 * time.Second

// A story is one channel's life in a test.
type story struct {
	*testing.T
	history *History
	reader  *stream.Reader
	make    func(dir string) publishers.Channel
	dir     string
}

// TestChannel tells the story of a dataset to a channel and checks after every
// chapter that the channel shows all of it, and the same bytes as one that is
// built anew. New makes a channel on a folder, which holds what a release.Dir
// does.
func TestChannel(t *testing.T, makeChannel func(t *testing.T, dir string) publishers.Channel) {
	js := streamtest.JetStream(t)
	s := &story{T: t, history: NewHistory(t, js), dir: t.TempDir()}
	s.make = func(dir string) publishers.Channel { return makeChannel(t, dir) }

	first := s.history.Commit(true,
		network("leru", 23), network("una-europa", 11),
		Revision{ID: "organizations/leiden", Value: map[string]any{"name": "Leiden University", "kind": "university"}, Logo: Logo("blue")},
		Revision{ID: "activities/hub", Value: map[string]any{"name": "Hub", "kind": "hub", "network": "leru"}})
	reader, err := stream.Open(t.Context(), js, Dataset)
	if err != nil {
		t.Fatal(err)
	}
	s.reader = reader
	stop := s.run()
	s.shows("a first import", first)
	s.shows("a small change", s.history.Commit(false, network("leru", 24)))
	s.shows("a removal", s.history.Commit(false, Revision{ID: "activities/hub"}))
	s.shows("another logo", s.history.Commit(false, Revision{ID: "organizations/leiden", Value: map[string]any{"name": "Leiden University", "kind": "university"}, Logo: Logo("red")}))
	s.shows("a changeset of the manifest alone", s.history.Commit(false))
	s.shows("hostile text", s.history.Commit(false, Revision{ID: "networks/leru", Value: map[string]any{
		"name": `<script>alert(1)</script>`, "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"}, "summary": "]]>&\"'"}}))
	stop()

	last := s.history.Commit(false, network("leru", 25), network("una-europa", 12))
	stop = s.run()
	s.shows("what came while it was down", last)
	s.refreshes()
	s.history.Begin(network("una-europa", 99))
	stop()
	stop = s.run()
	s.shows("no half of a changeset", last)
	stop()

	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	stop = s.run()
	s.shows("everything, after its folder was deleted", last)
	stop()
}

func network(id string, members int) Revision {
	return Revision{ID: "networks/" + id, Value: map[string]any{
		"name": "Network " + id, "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"},
		"summary": "What it is.", "members": map[string]any{"count": members}, "topics": []any{"water"},
	}}
}

// Logo is an SVG image of a colour.
func Logo(colour string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" fill="` + colour + `"/></svg>`
}

// run lets a runner serve the channel until the function that is returned is
// called.
func (s *story) run() (stop func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	runner := s.runner()
	done := make(chan error, 1)
	go func() { done <- runner.Run(ctx) }()
	return func() {
		s.Helper()
		cancel()
		if err := <-done; err != nil {
			s.Errorf("Run() = %v", err)
		}
	}
}

func (s *story) runner() *publishers.Runner {
	s.Helper()
	runner, err := publishers.NewRunner(publishers.Config{
		Channel: s.make(s.dir),
		Open:    func(context.Context) (*stream.Reader, error) { return s.reader, nil },
		Log:     zaptest.NewLogger(s, zaptest.WrapOptions()),
	})
	if err != nil {
		s.Fatal(err)
	}
	return runner
}

// shows waits until the channel shows a position, and compares it with one
// built anew.
func (s *story) shows(chapter string, want event.Position) {
	s.Helper()
	channel := s.make(s.dir)
	deadline := time.Now().Add(patience)
	for {
		got, err := channel.Position(s.Context())
		if err != nil {
			s.Fatalf("%s: Position() = %v", chapter, err)
		}
		if got == want {
			break
		}
		if time.Now().After(deadline) {
			s.Fatalf("%s: the channel shows %+v, not %+v", chapter, got, want)
		}
		time.Sleep(5 * time.Millisecond) // asks again: nothing is hoped for but what patience allows
	}
	fresh := s.TempDir()
	if _, err := publishers.Build(s.Context(), s.make(fresh), s.reader, want.Sequence); err != nil {
		s.Fatalf("%s: Build() = %v", chapter, err)
	}
	s.equal(chapter, fresh)
}

func (s *story) equal(chapter, fresh string) {
	s.Helper()
	found, err := release.Compare(os.DirFS(current(s, fresh)), os.DirFS(current(s, s.dir)))
	if err != nil || len(found) > 0 {
		s.Errorf("%s: what is shown is not what a rebuild gives: %v, %v", chapter, found, err)
	}
}

// refreshes publishes again what is shown: nothing may change, not even which
// release it is.
func (s *story) refreshes() {
	s.Helper()
	before := current(s, s.dir)
	if err := s.runner().Refresh(s.Context()); err != nil {
		s.Fatalf("Refresh() = %v", err)
	}
	if after := current(s, s.dir); after != before {
		s.Errorf("a refresh that changes nothing went from release %s to %s", before, after)
	}
}

func current(s *story, dir string) string {
	s.Helper()
	path, err := filepath.EvalSymlinks(filepath.Join(dir, "current"))
	if err != nil {
		s.Fatal(err)
	}
	return path
}
