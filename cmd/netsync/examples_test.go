package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/cmd/internal/live"
	"netsync/publishers/publishertest"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

const examples = "../../publishers/subscribe/examples"

// exampleChangesets returns how long the history is that an example follows.
func exampleChangesets() int { return npmtest.Rounds(100, 1000) }

func TestTheGoExampleMissesNothing(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	program := filepath.Join(t.TempDir(), "follow")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, examples+"/go").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b := newExampleBroker(t)
	server := b.proxy(b.address)
	b.follow(func(file string) []string { return []string{program, server, publishertest.Dataset, file} })
}

// TestTheJavaScriptExampleMissesNothing follows with the nats client of npm,
// which shares no code with ours.
func TestTheJavaScriptExampleMissesNothing(t *testing.T) {
	t.Parallel()
	modules := filepath.Join(npmtest.Folder(t, "@nats-io/transport-node", "javascript"), "..", "..")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(examples, "javascript"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	b := newExampleBroker(t)
	server := b.proxy(b.address)
	b.follow(func(file string) []string {
		return []string{"node", filepath.Join(dir, "follow.js"), server, publishertest.Dataset, file}
	})
}

// TestThePythonExampleMissesNothing follows the server-sent events.
func TestThePythonExampleMissesNothing(t *testing.T) {
	t.Parallel()
	python := npmtest.Program(t, "python", "python3")
	b := newExampleBroker(t)
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(live.New(ctx, live.Config{Log: zap.NewNop(), Open: func(ctx context.Context) (*stream.Reader, error) {
		return stream.Open(ctx, b.js, publishertest.Dataset)
	}}))
	t.Cleanup(func() { cancel(); server.Close() })
	address := "http://" + b.proxy(server.Listener.Addr().String())
	b.follow(func(file string) []string {
		return []string{python, filepath.Join(examples, "python", "follow.py"), address, file}
	})
}

// An exampleBroker has a history that a program of a stranger follows.
type exampleBroker struct {
	t       *testing.T
	js      jetstream.JetStream
	address string
	cut     func() // cuts all connections; nil where they are not
}

func newExampleBroker(t *testing.T) *exampleBroker {
	ns := streamtest.Server(t)
	js, err := jetstream.New(streamtest.Connect(t, ns))
	if err != nil {
		t.Fatal(err)
	}
	return &exampleBroker{t: t, js: js, address: ns.Addr().String()}
}

// proxy stands before a server, so that connections to it can be cut.
func (b *exampleBroker) proxy(server string) (address string) {
	p := streamtest.NewProxy(b.t, server)
	b.cut = p.Cut
	return p.Address
}

// follow has a program follow a random history, whose connections are cut and
// which is killed while it is at it. Of each changeset it must have worked out
// the digest that was announced.
func (b *exampleBroker) follow(command func(file string) []string) {
	t := b.t
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	file := filepath.Join(t.TempDir(), "copy.json")
	h := publishertest.NewHistory(t, b.js)
	var announced []event.Position
	seen := make(map[string]string) // changeset → the state's digest
	var life *exampleLife
	for n := range exampleChangesets() {
		announced = append(announced, h.Commit(n == 0, randomRevisions(random)...))
		switch {
		case life == nil:
			life = startExample(t, command(file))
			life.until(seen, announced[n].Changeset) // so that it is told of all others
		case n%125 == 20 && b.cut != nil: // clients wait for seconds before they come back
			life.until(seen, announced[n-random.IntN(5)].Changeset) // it is connected
			b.cut()
		case n%125 == 60:
			life.until(seen, announced[n-random.IntN(10)].Changeset)
			life.kill(seen)
			noteCopy(t, file, seen)
			life = startExample(t, command(file))
		}
	}
	last := announced[len(announced)-1]
	life.until(seen, last.Changeset)
	life.kill(seen)
	noteCopy(t, file, seen)
	for n, p := range announced {
		if got := seen[p.Changeset]; got != string(p.StateDigest) {
			t.Fatalf("changeset %d of %d, %s: the program worked out %q, announced was %s", n+1, len(announced), p.Changeset, got, p.StateDigest)
		}
	}
}

// noteCopy notes what state a program kept, by our own reckoning.
func noteCopy(t *testing.T, file string, seen map[string]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kept struct {
		Changeset string
		Position  event.Position
		Records   map[string]any
	}
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatalf("the copy is half a file: %v", err)
	}
	var state schema.State
	for name, value := range kept.Records {
		id, err := schema.ParseRecordID(name)
		if err != nil {
			t.Fatal(err)
		}
		record, err := schema.NewRecord(id, value)
		if err != nil {
			t.Fatal(err)
		}
		state.Put(record)
	}
	changeset := kept.Changeset + kept.Position.Changeset // one of them is empty
	digest := string(state.Digest())
	if before, ok := seen[changeset]; ok && before != digest {
		t.Fatalf("changeset %s: the program printed %s, and kept %s", changeset, before, digest)
	}
	seen[changeset] = digest
}

// An exampleLife is the life of a program that follows.
type exampleLife struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan string
	stderr bytes.Buffer
}

func startExample(t *testing.T, command []string) *exampleLife {
	t.Helper()
	l := &exampleLife{t: t, cmd: exec.CommandContext(t.Context(), command[0], command[1:]...), lines: make(chan string, 100)}
	l.cmd.Stderr = &l.stderr
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(l.lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			l.lines <- scan.Text()
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	return l
}

// note takes "<changeset>: 2 changes, 7 records, <digest>".
func (l *exampleLife) note(seen map[string]string, line string) (changeset string) {
	l.t.Helper()
	changeset, rest, _ := strings.Cut(line, ": ")
	digest := rest[strings.LastIndex(rest, " ")+1:]
	if before, ok := seen[changeset]; ok && before != digest {
		l.t.Fatalf("changeset %s had state %s before: %s", changeset, before, line)
	}
	seen[changeset] = digest
	return changeset
}

// until waits for the program to be at a changeset.
func (l *exampleLife) until(seen map[string]string, changeset string) {
	l.t.Helper()
	limit := time.After(2 * time.Minute)
	for seen[changeset] == "" {
		select {
		case line, ok := <-l.lines:
			if !ok {
				err := l.cmd.Wait()
				l.t.Fatalf("the program ended before %s: %v\n%s", changeset, err, l.stderr.String())
			}
			l.note(seen, line)
		case <-limit:
			l.t.Fatalf("the program has not come to %s after %d changesets", changeset, len(seen))
		}
	}
}

// kill ends the program as a power cut would.
func (l *exampleLife) kill(seen map[string]string) {
	l.t.Helper()
	_ = l.cmd.Process.Kill() // until says where it has ended by itself
	for line := range l.lines {
		l.note(seen, line)
	}
	_ = l.cmd.Wait() // killed
}

// randomRevisions change up to four records of thirty. What is in them is hard
// to write as canonical JSON.
func randomRevisions(random *rand.Rand) []publishertest.Revision {
	words := []string{"Una Europa", "Zürich", "\u2028\u2029", "\"quoted\\\"", "<b>&amp;", "😀 e\u0301", "\u007f"}
	numbers := []float64{0, 1, -3.25, 1e21, 1e20, 1.5e-5, 1e-7, 1e300, 333333333.33333329, 12345678901234567890}
	var all []publishertest.Revision
	for _, n := range random.Perm(30)[:1+random.IntN(4)] {
		r := publishertest.Revision{ID: fmt.Sprintf("networks/n%d", n)}
		if random.IntN(4) > 0 {
			r.Value = map[string]any{
				"name": words[random.IntN(len(words))], "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"},
				"members": map[string]any{"count": random.IntN(1000)},
				"x-hard": map[string]any{
					"\uffff": numbers[random.IntN(len(numbers))], "\U0001f600": words[random.IntN(len(words))],
					"\u00e9": []any{true, nil, map[string]any{}},
				},
			}
		}
		all = append(all, r)
	}
	return all
}
