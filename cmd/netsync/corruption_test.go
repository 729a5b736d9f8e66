package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema/sample"
	"netsync/schema/shared/gitcommand/gittest"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

// A disk rots, somebody deletes a file, a copy breaks off: whatever of a data
// directory is damaged, the next pass either sees to it that everything is
// right afterwards, or it refuses to go on, says what is damaged, and the
// remedy that it names works.
func TestDamageIsMendedOrNamed(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	n, random := faults(t, npmtest.Rounds(2, 9))
	for i := range n {
		source := rand.New(rand.NewPCG(random.Uint64(), 0))
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			h.copy(t).survive(source)
		})
	}
}

// A process that runs on a stream that is damaged in the middle says so to
// whoever asks whether it is ready, and goes on showing what it showed.
func TestARunningProcessTellsOfADamagedStream(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	block := filepath.Join(h.data(), "nats", "jetstream", "NETSYNC", "streams", "netsync-leiden-networks", "msgs", "1.blk")
	data, err := os.ReadFile(block)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(block, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program("run", "-c", h.config())
	cmd.Env = append(cmd.Env, "NETSYNC_HTTP_LISTEN=127.0.0.1:0", "NETSYNC_HTTP_ADMIN_LISTEN=127.0.0.1:0", "NETSYNC_NATS_LISTEN=127.0.0.1:0")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended; _ = cmd.Wait() })
	addresses := make(chan string, 1)
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if m := servedAt.FindStringSubmatch(lines.Text()); m != nil {
				addresses <- m[1]
			}
		}
	}()
	var address, told string
	select {
	case address = <-addresses:
	case <-ended:
		t.Fatal("the process ended before it served anything")
	case <-time.After(patience):
		t.Fatal("the process does not say where it serves")
	}
	streamtest.Eventually(t, "/readyz to tell of the damage", func() bool {
		r, err := http.Get(address + "/readyz") // of the operators, with the whole reason
		if err != nil {
			return false
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		told = string(body)
		return err == nil && strings.Contains(told, "stream netsync-leiden-networks is damaged")
	})
	t.Log(told)
	h.compare(true, "damaged, and running")
}

var servedAt = regexp.MustCompile(`"admin":"(http://[^"]+)"`)

// A history is a repository and a data directory that went through several
// commits.
type history struct {
	t       *testing.T
	root    string
	dataset string
	shown   map[string]string // what every channel shows, by path below data
	next    map[string]string // the same, after one more commit
}

const historyConfig = `dataset: {repository: "file://%s", ref: %s}
data_dir: data
website: {base_url: https://example.org}
newsletter: {enabled: true}
`

func newHistory(t *testing.T) *history {
	t.Helper()
	root := t.TempDir()
	h := &history{t: t, root: root, dataset: filepath.Join(root, "dataset")}
	if err := os.CopyFS(h.dataset, sample.FS()); err != nil {
		t.Fatal(err)
	}
	h.configure("main")
	h.git("init", "-q", "-b", "main")
	una := filepath.Join(h.dataset, "networks", "una-europa.yaml")
	for i := range 5 {
		text := fmt.Sprintf("id: partner-%d\nname: Partner %d\nkind: other\n", i, i)
		if err := os.WriteFile(filepath.Join(h.dataset, "organizations", fmt.Sprintf("partner-%d.yaml", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(una)
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.Replace(data, fmt.Appendf(nil, "count: %d", 11+i), fmt.Appendf(nil, "count: %d", 12+i), 1)
		if err := os.WriteFile(una, data, 0o644); err != nil {
			t.Fatal(err)
		}
		h.git("add", "-A")
		h.git("commit", "-q", "-m", fmt.Sprintf("Change %d", i))
		if out, code := h.run("sync"); code != cli.ExitDone {
			t.Fatalf("sync: exit code %d\n%s", code, out)
		}
	}
	h.shown = h.channels()
	h.git("branch", "published")
	h.git("rm", "-q", "organizations/partner-0.yaml")
	h.git("commit", "-q", "-m", "One less")
	ahead := h.copy(t)
	if out, code := ahead.run("sync"); code != cli.ExitDone {
		t.Fatalf("sync: exit code %d\n%s", code, out)
	}
	h.next = ahead.channels()
	return h
}

// configure says which branch is published.
func (h *history) configure(ref string) {
	h.t.Helper()
	if err := os.WriteFile(h.config(), fmt.Appendf(nil, historyConfig, h.dataset, ref), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

// copy makes a data directory of one's own.
func (h *history) copy(t *testing.T) *history {
	t.Helper()
	c := &history{t: t, root: t.TempDir(), dataset: h.dataset, shown: h.shown, next: h.next}
	if out, err := exec.Command("cp", "-a", filepath.Join(h.root, "data"), h.config(), c.root).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
	return c
}

func (h *history) config() string { return filepath.Join(h.root, "netsync.yaml") }
func (h *history) data() string   { return filepath.Join(h.root, "data") }

func (h *history) git(args ...string) {
	h.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", h.dataset, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", gittest.NoMaintenance}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// run runs a command and returns all that it printed.
func (h *history) run(args ...string) (string, int) {
	h.t.Helper()
	cmd := program(append(args, "-c", h.config())...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.ProcessState == nil {
		h.t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// channels reads what readers of every channel see.
func (h *history) channels() map[string]string {
	h.t.Helper()
	shown := make(map[string]string)
	for _, channel := range process.ChannelNames() {
		current, err := filepath.EvalSymlinks(filepath.Join(h.data(), channel, "current"))
		if err != nil {
			h.t.Errorf("%s shows nothing: %v", channel, err)
			continue
		}
		err = filepath.WalkDir(current, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			name, _ := filepath.Rel(current, path)
			shown[channel+"/"+name] = string(data)
			return err
		})
		if err != nil {
			h.t.Error(err)
		}
	}
	return shown
}

// survive damages one thing and judges what the next pass makes of it.
func (h *history) survive(random *rand.Rand) {
	t := h.t
	area, done := h.damage(random)
	same := area != "nats"
	if random.IntN(2) == 0 {
		h.configure("published")
		done += ", nothing new"
	} else {
		h.shown, same = h.next, false // the new changeset has a time of its own
	}
	t.Log(done)
	out, code := h.run("sync")
	if code != cli.ExitDone {
		t.Logf("refused: %s", out)
		if area != "nats" || !strings.Contains(out, "damaged") || !strings.Contains(out, "netsync-leiden-networks") ||
			!strings.Contains(out, "start again") {
			t.Errorf("%s: the refusal does not say what is wrong and what to do\n%s", done, out)
		}
		// The folder of the one stream that it names, and nothing else.
		folder := regexp.MustCompile(`nats/jetstream/NETSYNC/streams/[A-Za-z0-9_-]+`).FindString(out)
		if folder == "" {
			t.Fatalf("%s: the remedy names no folder\n%s", done, out)
		}
		if err := os.RemoveAll(filepath.Join(h.data(), folder)); err != nil {
			t.Fatal(err)
		}
		if out, code = h.run("sync"); code != cli.ExitDone {
			t.Fatalf("%s: after the remedy: exit code %d\n%s", done, code, out)
		}
	}
	if out, code := h.run("verify"); code != cli.ExitDone {
		t.Errorf("%s: verify: exit code %d\n%s", done, code, out)
	}
	h.compare(same, done)
}

// compare holds the channels against those of the undamaged history: byte for
// byte or, where something was published again, the records.
func (h *history) compare(same bool, done string) {
	h.t.Helper()
	differs := func(name string) bool { // deltas tell when they were published
		isRecord := strings.HasPrefix(name, "website/data/") && strings.Count(name, "/") == 3 && !strings.HasPrefix(name, "website/data/changes/")
		return same || isRecord
	}
	got := h.channels()
	for _, name := range slices.Sorted(maps.Keys(h.shown)) {
		if differs(name) && got[name] != h.shown[name] {
			h.t.Errorf("%s: %s differs", done, name)
		}
	}
	if same && len(got) != len(h.shown) {
		h.t.Errorf("%s: %d files are shown, want %d", done, len(got), len(h.shown))
	}
}

// damage damages one file below one of the folders of the data directory.
func (h *history) damage(random *rand.Rand) (area, done string) {
	h.t.Helper()
	areas := []string{"nats", "nats", "mirror.git", "website", "feed", "newsletter"}
	area = areas[random.IntN(len(areas))]
	var paths []string
	err := filepath.WalkDir(filepath.Join(h.data(), area), func(path string, e fs.DirEntry, err error) error {
		if err == nil && (!e.IsDir() || strings.HasPrefix(e.Name(), "netsync-") || e.Name() == "current" || e.Name() == "objects") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	// The files that matter most come as often as all the others.
	path := paths[random.IntN(len(paths))]
	if vital := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !vital(p) }); len(vital) > 0 && random.IntN(2) == 0 {
		path = vital[random.IntN(len(vital))]
	}
	name, _ := filepath.Rel(h.data(), path)
	return area, damageFile(h.t, path, random) + " " + name
}

func vital(path string) bool {
	base := filepath.Base(path)
	return slices.Contains([]string{"1.blk", "index.db", "meta.inf", "meta.sum", "channel.json", "index.log", "current", "HEAD", "config"}, base) ||
		slices.Contains([]string{".pack", ".idx"}, filepath.Ext(base)) || strings.Contains(path, "/objects/")
}

// damageFile leaves the time of modification as it was, as a disk does.
func damageFile(t *testing.T, path string, random *rand.Rand) string {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 || random.IntN(4) == 0 {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		return "delete"
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := random.IntN(len(data))
	var done string
	switch random.IntN(3) {
	case 0:
		data, done = data[:at], fmt.Sprintf("cut %d bytes off", len(data)-at)
	case 1:
		data[at] ^= 1 << random.IntN(8)
		done = fmt.Sprintf("flip a bit of byte %d of", at)
	default:
		end := min(len(data), at+512)
		clear(data[at:end])
		done = fmt.Sprintf("zero bytes %d to %d of", at, end)
	}
	_ = os.Chmod(path, 0o644) // git's files are read-only
	if err := os.WriteFile(path, data, info.Mode().Perm()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	return done
}
