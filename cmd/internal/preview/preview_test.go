package preview_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"netsync/cmd/internal/preview"
	"netsync/schema/sample"
	"netsync/schema/stream/streamtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A folder holds the sample dataset during edits, with a browser that views its
// preview.
type folder struct {
	t        *testing.T
	dir      string
	address  string
	client   *http.Client
	versions <-chan string // as a browser receives them
	outcomes chan preview.Outcome
	reads    atomic.Int64 // readings, counted by calls of the clock
}

// open serves the preview of a new folder. If committed, a repository holds the
// original sample.
func open(t *testing.T, committed bool, theme string) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir(), client: &http.Client{Transport: &http.Transport{}}, outcomes: make(chan preview.Outcome, 1000)}
	if err := os.CopyFS(f.dir, sample.FS()); err != nil {
		t.Fatal(err)
	}
	if committed {
		f.git("init", "--quiet", "--initial-branch=main")
		f.commit()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.address = "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	server := preview.New(preview.Config{
		Dir: f.dir, Theme: theme, Listener: listener,
		Now:    func() time.Time { f.reads.Add(1); return time.Now() },
		Report: func(o preview.Outcome) { f.outcomes <- o },
	})
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		f.client.CloseIdleConnections()
	})
	f.listen(ctx)
	return f
}

// listen receives the versions as a browser does.
func (f *folder) listen(ctx context.Context) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.address+"/_preview/events", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	response, err := f.client.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	versions := make(chan string, 1000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			if version, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				versions <- version
			}
		}
	}()
	f.t.Cleanup(func() {
		response.Body.Close()
		<-ended
	})
	f.versions = versions
	f.hear()
}

// hear waits for the next version.
func (f *folder) hear() string {
	f.t.Helper()
	select {
	case version := <-f.versions:
		return version
	case <-time.After(30 * time.Second):
		f.t.Fatal("the browser does not hear that something changed")
	}
	return ""
}

func (f *folder) git(args ...string) {
	f.t.Helper()
	args = append([]string{"-C", f.dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.org"}, args...)
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		f.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (f *folder) commit() {
	f.t.Helper()
	f.git("add", "-A")
	f.git("commit", "--quiet", "-m", "A change")
}

// edit changes a text in a file of a folder, and waits until browsers are
// notified.
func (f *folder) edit(dir, name, old, new string) {
	f.t.Helper()
	file := filepath.Join(dir, name)
	data, err := os.ReadFile(file)
	if err != nil {
		f.t.Fatal(err)
	}
	text := strings.Replace(string(data), old, new, 1)
	if text == string(data) {
		f.t.Fatalf("%s has no %q", name, old)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
	f.hear()
}

// get returns a page.
func (f *folder) get(path string, status int) string {
	f.t.Helper()
	response, err := f.client.Get(f.address + path)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if response.StatusCode != status {
		f.t.Errorf("%s: status %d, not %d", path, response.StatusCode, status)
	}
	return string(body)
}

func (f *folder) has(path string, status int, words ...string) {
	f.t.Helper()
	page := f.get(path, status)
	for _, word := range words {
		if !strings.Contains(page, word) {
			f.t.Errorf("%s does not say %q", path, word)
		}
	}
}

func (f *folder) lacks(path, word string) {
	f.t.Helper()
	if strings.Contains(f.get(path, http.StatusOK), word) {
		f.t.Errorf("%s says %q", path, word)
	}
}

const ok = http.StatusOK

func TestPagesShowFilesAsTheyLie(t *testing.T) {
	t.Parallel()
	f := open(t, true, "")
	f.has("/", ok, "Una Europa", "nothing wrong", "preview.js")
	f.has("/nl/networks/una-europa/", ok, "Una Europa")
	f.has("/data/networks/una-europa.json", ok, `"id":"una-europa"`)
	f.has("/nowhere/", http.StatusNotFound, "nothing wrong")
	f.has("/networks/una-europa", ok, "Una Europa") // redirected to the folder
	f.lacks("/changes/", "Una Europe")

	f.edit(f.dir, "networks/una-europa.yaml", "name: Una Europa", "name: Una Europe")
	f.has("/networks/una-europa/", ok, "Una Europe", "1 record not committed")
	f.has("/changes/", ok, "Una Europa → Una Europe")

	f.commit()
	f.hear()
	f.lacks("/changes/", "Una Europa → Una Europe")
	f.lacks("/networks/una-europa/", "not committed")
}

func TestARecordWithErrorsStaysAsItWasCommitted(t *testing.T) {
	t.Parallel()
	f := open(t, true, "")
	f.edit(f.dir, "networks/una-europa.yaml", "tier: key", "teir: key")
	f.has("/networks/una-europa/", ok, "is not shown as it lies there", "networks/una-europa.yaml:4:1", "Did you mean &#34;tier&#34;?")
	f.has("/", ok, "Una Europa", "2 errors")
	f.lacks("/networks/leru/", "una-europa.yaml:4:1")
	f.has("/_preview/", ok, "networks/una-europa.yaml:4:1", `<a href="/networks/una-europa/">`)

	f.edit(f.dir, "networks/una-europa.yaml", "teir: key", "tier: key")
	f.has("/networks/una-europa/", ok, "nothing wrong")
}

func TestARecordWithErrorsThatWasNeverCommittedWaits(t *testing.T) {
	t.Parallel()
	f := open(t, false, "")
	f.lacks("/", "not committed")
	f.edit(f.dir, "networks/una-europa.yaml", "tier: key", "teir: key")
	f.has("/networks/una-europa/", http.StatusNotFound, "is not shown as it lies there", "networks/una-europa.yaml:4:1")
}

func TestWithoutAManifestThereIsNothingToShowButWhy(t *testing.T) {
	t.Parallel()
	f := open(t, true, "")
	f.edit(f.dir, "dataset.yaml", "languages:", "tongues:")
	for _, path := range []string{"/", "/networks/una-europa/"} {
		f.has(path, http.StatusInternalServerError, "There is no dataset to show", "dataset.yaml:")
	}
	f.edit(f.dir, "dataset.yaml", "tongues:", "languages:")
	f.has("/", ok, "Una Europa")
}

func TestMistakesInAThemeAreToldInItsPlace(t *testing.T) {
	t.Parallel()
	theme := t.TempDir()
	for name, text := range map[string]string{
		"templates/head.html": `{{define "head"}}<link rel="stylesheet" href="{{.Site.Root}}{{asset "theme.css"}}">{{end}}`,
		"assets/theme.css":    "a { color: teal; }\n",
	} {
		file := filepath.Join(theme, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	f := open(t, false, theme)
	f.has("/", ok, "assets/theme.")

	f.edit(theme, "templates/head.html", ".Site.Root", ".Site.Route")
	f.has("/networks/leru/", http.StatusInternalServerError, "A mistake in the theme", "templates/head.html:1:", "no field .Route", ".Root")
	f.edit(theme, "templates/head.html", "{{end}}", "{{ende}}")
	f.has("/", http.StatusInternalServerError, "templates/head.html:1")

	f.edit(theme, "templates/head.html", "{{ende}}", "{{end}}")
	f.edit(theme, "templates/head.html", ".Site.Route", ".Site.Root")
	f.edit(theme, "assets/theme.css", "teal", "navy")
	f.has("/", ok, "assets/theme.")
}

func TestTheTerminalHearsWhatChanged(t *testing.T) {
	t.Parallel()
	f := open(t, false, "")
	if first := <-f.outcomes; !first.First || first.Files != 19 || len(first.Findings) > 0 || first.Err != nil {
		t.Errorf("at first %+v", first)
	}
	f.edit(f.dir, "networks/leru.yaml", "tier: key", "teir: key")
	next := <-f.outcomes
	if next.First || len(next.Changed) != 1 || next.Changed[0] != "networks/leru.yaml" || len(next.Findings) != 2 {
		t.Errorf("then %+v", next)
	}
}

// TestAFolderThatIsAwayIsToldOnce removes the folder and restores it.
func TestAFolderThatIsAwayIsToldOnce(t *testing.T) {
	t.Parallel()
	f := open(t, false, "")
	<-f.outcomes
	if err := os.Rename(f.dir, f.dir+".away"); err != nil {
		t.Fatal(err)
	}
	f.hear()
	f.has("/", http.StatusInternalServerError, "The website cannot be made", "no such file")
	tried := f.reads.Load()
	streamtest.Eventually(t, "the folder to be looked for again", func() bool { return f.reads.Load() >= tried+5 })
	if told := len(f.outcomes); told != 1 {
		t.Errorf("told %d times that the folder is away", told)
	}
	if err := os.Rename(f.dir+".away", f.dir); err != nil {
		t.Fatal(err)
	}
	f.hear()
	f.has("/networks/una-europa/", ok, "Una Europa", "nothing wrong")
}
