package worker_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap/zaptest"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/sample"
	"netsync/schema/shared/gitcommand/gittest"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
	"netsync/worker"
	"netsync/worker/git"
)

// A repo is a dataset repository for a test.
type repo struct {
	t   *testing.T
	dir string
}

func newRepo(t *testing.T) repo {
	t.Helper()
	r := repo{t, t.TempDir()}
	begun.once.Do(func() { initSample(repo{t, begun.dir}) })
	if err := os.CopyFS(r.dir, os.DirFS(begun.dir)); err != nil {
		t.Fatal(err)
	}
	return r
}

// begun is a repository with the sample. Each test gets a copy, as creating one
// takes four git processes.
var begun struct {
	dir  string
	once sync.Once
}

func initSample(r repo) {
	r.t.Helper()
	if err := os.CopyFS(r.dir, sample.FS()); err != nil {
		r.t.Fatal(err)
	}
	r.git("init", "--quiet", "--initial-branch=main", "--template=")
	r.commit("Begin")
}

func TestMain(m *testing.M) {
	var err error
	if begun.dir, err = os.MkdirTemp("", "netsync-sample-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(begun.dir) // it is in a folder for temporary files
	os.Exit(code)
}

func (r repo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", r.dir, "-c", "user.name=Ada Maintainer", "-c", "user.email=ada@example.org", "-c", gittest.NoMaintenance}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// gitWithInput runs git with a text on its standard input.
func (r repo) gitWithInput(input string, args ...string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", append([]string{"-C", r.dir, "-c", "user.name=Ada Maintainer", "-c", "user.email=ada@example.org", "-c", gittest.NoMaintenance}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %s: %v\n%.300s", args, err, out)
	}
}

func (r repo) commit(message string) string {
	r.t.Helper()
	r.git("add", "--all")
	r.git("commit", "--quiet", "--allow-empty", "--message="+message)
	return gittest.Head(r.t, r.dir)
}

func (r repo) write(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r repo) replace(name, from, to string) {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	if !strings.Contains(string(data), from) {
		r.t.Fatalf("%s does not hold %q:\n%s", name, from, data)
	}
	r.write(name, strings.Replace(string(data), from, to, 1))
}

// A fixture is a worker with a repository and a broker of its own.
type fixture struct {
	t    *testing.T
	repo repo
	js   jetstream.JetStream
	now  time.Time
	syncer
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, repo: newRepo(t), js: streamtest.JetStream(t), now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	f.syncer = f.another(0)
	return f
}

// another returns a second worker for the same repository and broker.
func (f *fixture) another(maxBatch int) syncer {
	f.t.Helper()
	return f.with(func(c *worker.Config) { c.MaxBatch = maxBatch })
}

// with returns a worker with another configuration.
func (f *fixture) with(adapt func(*worker.Config)) syncer {
	f.t.Helper()
	config := worker.Config{
		Git:       git.Config{Repository: f.repo.dir, Ref: "main", Dir: filepath.Join(f.t.TempDir(), "mirror")},
		JetStream: f.js,
		Log:       zaptest.NewLogger(f.t),
		Now:       func() time.Time { return f.now },
	}
	adapt(&config)
	w, err := worker.New(config)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { w.Close() })
	return syncer{w}
}

func (f *fixture) sync() worker.Result {
	f.t.Helper()
	return f.mustSync(f.t)
}

// messages returns all messages of the stream, after checking that they fold.
func (f *fixture) messages() []stream.Message {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 30*time.Second)
	defer cancel()
	reader, err := stream.Open(ctx, f.js, "")
	if err != nil {
		f.t.Fatal(err)
	}
	last, err := reader.Last(ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	var all []stream.Message
	fold := reader.Fold()
	for m, err := range reader.Replay(ctx, 1, last) {
		if err != nil {
			f.t.Fatal(err)
		}
		if _, err := fold.Apply(m.Event, m.Seq); err != nil {
			f.t.Fatal(err)
		}
		all = append(all, m)
	}
	latest, _, err := reader.Latest(ctx)
	if err != nil || latest.Position != fold.Position {
		f.t.Fatalf("Latest() = %v, %v; replay gives %v", latest.Position, err, fold.Position)
	}
	return all
}

func TestFirstSyncPublishesEveryRecordAsBulk(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r := f.sync()
	if r.Held || len(r.Changes) != 18 {
		t.Fatalf("held %t with %d changes; findings: %v", r.Held, len(r.Changes), r.Findings)
	}
	all := f.messages()
	last := all[len(all)-1].Changeset
	if last == nil || last.Events != 18 || last.Records != 18 || !last.Bulk || last.PreviousCommit != nil {
		t.Fatalf("the stream ends with %+v", last)
	}
	for _, m := range all[:len(all)-1] {
		if m.Change == nil || m.Change.Op != event.Created || !m.Change.Bulk || len(m.Change.Commits) != 1 {
			t.Errorf("message %d: %+v", m.Seq, m.Change)
		}
	}
	if again := f.sync(); len(again.Changes) != 0 || len(f.messages()) != len(all) {
		t.Fatal("a second pass published something")
	}
}

func TestOneChangeIsOneEventWithItsCommits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	before := len(f.messages())
	f.repo.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	f.repo.commit("Una Europa grows\n\nMore text.")
	f.repo.replace("networks/una-europa.yaml", "count: 12", "count: 13")
	f.repo.write("README.md", "nothing to see")
	newest := f.repo.commit("Una Europa grows again")
	f.sync()
	all := f.messages()[before:]
	if len(all) != 2 || all[0].Change == nil || all[1].Changeset == nil {
		t.Fatalf("%d events came, not a change and a changeset", len(all))
	}
	change := all[0].Change
	if change.Op != event.Updated || change.Bulk || change.RecordID().String() != "networks/una-europa" {
		t.Errorf("change = %+v", change)
	}
	if len(change.Commits) != 2 || change.Commits[0].SHA != newest || change.Commits[0].Subject != "Una Europa grows again" || change.Commits[0].Author != "Ada Maintainer" {
		t.Errorf("commits = %+v", change.Commits)
	}
	if all[0].ID != change.Changeset+":networks/una-europa" || !strings.HasPrefix(change.Changeset, newest+"@") {
		t.Errorf("id = %s, changeset = %s", all[0].ID, change.Changeset)
	}
	checkPatch(t, change)
}

func checkPatch(t *testing.T, change *event.Change) {
	t.Helper()
	patch, err := jsonpatch.DecodePatch(change.Patch)
	if err != nil {
		t.Fatal(err)
	}
	got, err := patch.Apply(change.Previous)
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := schema.CanonicalJSON(got)
	if err != nil || string(canonical) != string(change.Record) {
		t.Errorf("previous + patch = %s, %v; record = %s", canonical, err, change.Record)
	}
}

func TestReformattingEmitsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sync()
	before := len(f.messages())
	f.repo.replace("networks/una-europa.yaml", "id: una-europa\n", "# a comment\n")
	f.repo.replace("networks/una-europa.yaml", "tier: key", "tier: \"key\"\nid: una-europa")
	f.repo.write("networks/europe/keep", "")
	f.repo.git("mv", "networks/leru.yaml", "networks/europe/leru.yaml")
	f.repo.commit("Tidy")
	f.sync()
	if after := len(f.messages()); after != before {
		t.Fatalf("%d events came", after-before)
	}
}

// Short names for frequently used values.
type (
	finding = event.Finding
	syncer  struct{ *worker.Worker }
)

var dryRun = worker.Options{DryRun: true}

func (s syncer) mustSync(t *testing.T) worker.Result {
	t.Helper()
	r, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func activity(round int) string {
	return "id: inucost\nname: INUcost\nkind: project\nnetwork: lde-global\nx-round: " + string(rune('0'+round)) + "\n"
}
