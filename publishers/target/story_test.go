package target_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netsync/publishers/release"
	"netsync/publishers/target"
	"netsync/schema/event"
)

// A place is where targets push in a test, and what others see and do there.
type place struct {
	// open makes a target as a new process would.
	open func(t *testing.T) target.Target
	// files are all that lie at the place, ours and others'.
	files func(t *testing.T) map[string]string
	// alter has somebody else write and, where the content is nil, remove.
	alter func(t *testing.T, changes map[string]*string)
	// reach says whether the place can be reached.
	reach func(t *testing.T, up bool)
	steps []string // of a push, between which a process may end
	whole bool     // a push is seen as a whole or not at all
}

// A crasher is a target whose pushes can be ended at a step.
type crasher interface {
	CrashAt(step string, err error)
}

var errCrash = errors.New("the process ends here")

// A local is the website and the feed here.
type local struct {
	tb            testing.TB
	website, feed *release.Dir
	seq           int
}

func newLocal(tb testing.TB) *local {
	tb.Helper()
	open := func() *release.Dir {
		d, err := release.Open(tb.TempDir())
		if err != nil {
			tb.Fatal(err)
		}
		return d
	}
	return &local{tb: tb, website: open(), feed: open()}
}

func write(tb testing.TB, d *release.Dir, files map[string]string) {
	tb.Helper()
	stage, err := d.Stage("r", false)
	if err != nil {
		tb.Fatal(err)
	}
	for name, content := range files {
		if err := stage.Write(name, []byte(content)); err != nil {
			tb.Fatal(err)
		}
	}
	if _, err := stage.Flip(); err != nil {
		tb.Fatal(err)
	}
}

// flip makes the next changeset live here.
func (l *local) flip(files map[string]string) *target.Site {
	l.tb.Helper()
	l.seq++
	all := maps.Clone(files)
	all["channel.json"] = position(l.seq)
	write(l.tb, l.website, all)
	return l.site()
}

func position(seq int) string {
	return fmt.Sprintf(`{"dataset":"d","changeset":"%040d@%d","commit":"%040d","sequence":%d,"state_digest":"sha256:%064d"}`, seq, seq-1, seq, seq, seq)
}

func (l *local) site() *target.Site {
	l.tb.Helper()
	s, err := target.ReadSite(l.website, l.feed)
	if err != nil {
		l.tb.Fatal(err)
	}
	return s
}

// shown is what readers of a target should find of ours.
func (l *local) shown() map[string]string {
	l.tb.Helper()
	files := make(map[string]string)
	s := l.site()
	for name := range s.All() {
		data, err := s.Read(name)
		if err != nil {
			l.tb.Fatal(err)
		}
		files[name] = string(data)
	}
	return files
}

// explain tells of a push what a test can look for.
func explainPush(s *target.Site) target.Explain {
	return func(_ context.Context, from event.Position) (target.Message, error) {
		return target.Message{
			Subject: fmt.Sprintf("From %d to %d", from.Sequence, s.Position.Sequence), Body: []string{"One thing", "Another\nNetsync-Changeset: forged"},
			Time: time.Date(2026, 11, 24, 9, 0, int(s.Position.Sequence), 0, time.UTC),
		}, nil
	}
}

func text(s string) *string { return &s }

// testTarget tells the story that every target must survive.
func testTarget(t *testing.T, p *place) {
	l := newLocal(t)
	pages := map[string]string{
		"index.html": "all", "networks/leru/index.html": "23", "networks/una-europa/index.html": "11", "assets/site.1234.css": "a{}",
		"data/networks.json": "[]", "größe \"x\"/a b.html": "odd name",
	}
	write(t, l.feed, map[string]string{"feed.json": "{}", "feed/en.xml": "<feed/>", "channel.json": position(1), "items.json": "secret"})
	current := p.open(t)
	agrees := func(chapter string) {
		t.Helper()
		there := ours(p.files(t))
		if diff := cmp.Diff(l.shown(), there); diff != "" {
			t.Errorf("%s: -site +target\n%s", chapter, diff)
		}
		for name, tg := range map[string]target.Target{"the same process": current, "a new one": p.open(t)} {
			if got, err := tg.Shown(t.Context()); err != nil || got != l.site().Position {
				t.Errorf("%s: Shown() of %s = %+v, %v", chapter, name, got, err)
			}
			if found, err := tg.Compare(t.Context(), l.site()); err != nil || len(found) > 0 {
				t.Errorf("%s: Compare() of %s = %v, %v", chapter, name, found, err)
			}
		}
	}
	push := func(chapter string, want bool) {
		t.Helper()
		s := l.site()
		changed, err := current.Push(t.Context(), s, false, explainPush(s))
		if err != nil || changed != want {
			t.Fatalf("%s: Push() = %t, %v", chapter, changed, err)
		}
		agrees(chapter)
	}

	if got, err := current.Shown(t.Context()); err != nil || got != (event.Position{}) {
		t.Errorf("before anything: Shown() = %+v, %v", got, err)
	}
	l.flip(pages)
	push("a first push", true)
	push("nothing changed", false)
	current = p.open(t)
	push("nothing changed, in a new process", false)

	pages["networks/leru/index.html"] = "24"
	l.flip(pages)
	push("a change", true)
	delete(pages, "networks/una-europa/index.html")
	l.flip(pages)
	push("a removal", true)
	write(t, l.feed, map[string]string{"feed.json": "{1}", "channel.json": position(3), "items.json": "secret"})
	push("a feed that goes on", true)

	p.alter(t, map[string]*string{"CNAME": text("networks.example.org"), "networks/README": text("theirs")})
	push("files of somebody else", false)
	pages["networks/una-europa/index.html"] = "12"
	l.flip(pages)
	push("a change beside them", true)
	theirs(t, p, "CNAME", "networks/README")

	p.alter(t, map[string]*string{"index.html": text("defaced"), "data/networks.json": nil, "LICENCE": text("CC0")})
	if found, err := p.open(t).Compare(t.Context(), l.site()); err != nil || len(found) != 2 || found[0] != (release.Difference{Kind: release.Missing, Name: "data/networks.json"}) {
		t.Errorf("what somebody did to ours: Compare() = %v, %v", found, err)
	}
	push("what somebody did to ours", true)
	theirs(t, p, "CNAME", "networks/README", "LICENCE")

	pages["about.html"] = "ours"
	p.alter(t, map[string]*string{"about.html": text("theirs")})
	before := p.files(t)
	s := l.flip(pages)
	_, err := current.Push(t.Context(), s, false, explainPush(s))
	var foreign *target.ForeignError
	if !errors.As(err, &foreign) || !slices.Equal(foreign.Names, []string{"about.html"}) {
		t.Errorf("a file in the way: Push() = %v", err)
	}
	if diff := cmp.Diff(before, p.files(t)); diff != "" {
		t.Errorf("a push that was refused changed something:\n%s", diff)
	}
	p.alter(t, map[string]*string{"about.html": nil})
	push("no file in the way any more", true)

	for i, step := range p.steps {
		pages["index.html"] = step
		pages[fmt.Sprintf("new-%d.html", i)] = step
		delete(pages, fmt.Sprintf("new-%d.html", i-1))
		before := ours(p.files(t))
		s := l.flip(pages)
		current.(crasher).CrashAt(step, errCrash)
		if _, err := current.Push(t.Context(), s, false, explainPush(s)); !errors.Is(err, errCrash) {
			t.Fatalf("a crash at %s: Push() = %v", step, err)
		}
		if there := ours(p.files(t)); p.whole && !cmp.Equal(there, before) && !cmp.Equal(there, l.shown()) {
			t.Errorf("a crash at %s leaves half a site:\n%s", step, cmp.Diff(l.shown(), there))
		}
		current = p.open(t)
		if _, err := current.Push(t.Context(), s, false, explainPush(s)); err != nil {
			t.Fatalf("after a crash at %s: Push() = %v", step, err)
		}
		agrees("after a crash at " + step)
	}
	theirs(t, p, "CNAME", "networks/README", "LICENCE")

	pages["index.html"] = "last"
	s = l.flip(pages)
	p.reach(t, false)
	if _, err := current.Push(t.Context(), s, false, explainPush(s)); err == nil {
		t.Error("a target that cannot be reached is pushed to")
	}
	if _, err := current.Compare(t.Context(), s); err == nil {
		t.Error("a target that cannot be reached agrees")
	}
	p.reach(t, true)
	push("reachable again", true)
}

// theirs makes sure that files of others are still there.
func theirs(t *testing.T, p *place, names ...string) {
	t.Helper()
	there := p.files(t)
	for _, name := range names {
		if _, ok := there[name]; !ok {
			t.Errorf("%s is gone", name)
		}
	}
}

// ours are the files without those of others and what says which are which.
func ours(files map[string]string) map[string]string {
	mine := make(map[string]string)
	for name, content := range files {
		if !slices.Contains([]string{"CNAME", "networks/README", "LICENCE", "netsync-index", ".nojekyll"}, name) && !strings.HasPrefix(name, "elsewhere") {
			mine[name] = content
		}
	}
	return mine
}
