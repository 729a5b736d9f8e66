package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/schema/event/eventtest"
	"netsync/schema/shared/gitcommand/gittest"
)

// patience is how long a test waits for what is to happen. It is no goal: a
// machine may be busy.
const patience = 60 * time.Second

// A demoProcess is a netsync demo that a test started.
type demoProcess struct {
	t         *testing.T
	dir       string
	cmd       *exec.Cmd
	http, nat string
	admin     string // where operators look
	log       *bytes.Buffer
	ended     chan struct{}
}

// program prepares netsync as a process of its own.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// netsync runs a command and returns what it printed and its exit code.
func netsync(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	cmd := program(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if code = cmd.ProcessState.ExitCode(); code == cli.ExitOutside || code == cli.ExitUsage {
		t.Logf("netsync %s: exit code %d\n%s", strings.Join(args, " "), code, errs.String())
	}
	return out.String(), code
}

// newDemo prepares a demo on a folder of its own and any free ports.
func newDemo(t *testing.T) *demoProcess {
	t.Helper()
	d := &demoProcess{t: t, dir: t.TempDir(), http: "127.0.0.1:0", nat: "127.0.0.1:0", admin: "127.0.0.1:0"}
	t.Cleanup(d.kill)
	return d
}

var (
	websiteLine = regexp.MustCompile(`Website +http://(\S+)/`)
	metricsLine = regexp.MustCompile(`Metrics +http://(\S+)/metrics`)
	eventsLine  = regexp.MustCompile(`Events +nats://(\S+)`)
)

// start runs the demo; the first time it learns the ports. It does not wait
// until everything is served.
func (d *demoProcess) start() {
	d.t.Helper()
	cmd := program("demo", "--dir", d.dir, "--listen", d.http, "--nats", d.nat)
	if d.admin != "" {
		cmd.Env = append(cmd.Env, "NETSYNC_HTTP_ADMIN_LISTEN="+d.admin)
	}
	d.log = &bytes.Buffer{}
	cmd.Stderr = d.log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.cmd, d.ended = cmd, make(chan struct{})
	unknown := strings.HasSuffix(d.http, ":0")
	welcome := make(chan struct{})
	var greeted sync.Once
	go func() {
		defer close(d.ended)
		scanner := bufio.NewScanner(stdout)
		for scanner.Scan() {
			if !unknown {
				continue // only the first start tells something new
			}
			if m := websiteLine.FindStringSubmatch(scanner.Text()); m != nil {
				d.http = m[1]
			}
			if m := eventsLine.FindStringSubmatch(scanner.Text()); m != nil {
				d.nat = m[1]
			}
			if m := metricsLine.FindStringSubmatch(scanner.Text()); m != nil {
				d.admin = m[1]
			}
			if !strings.HasSuffix(d.http, ":0") && !strings.HasSuffix(d.nat, ":0") && d.admin != "" {
				greeted.Do(func() { close(welcome) })
			}
		}
		_ = cmd.Wait() // a kill is no failure
	}()
	if unknown {
		select {
		case <-welcome:
		case <-d.ended:
			d.t.Fatalf("the demo ended:\n%s", d.log)
		case <-time.After(patience):
			d.t.Fatalf("the demo does not say where it is")
		}
	}
}

// kill ends the demo by SIGKILL, if it runs.
func (d *demoProcess) kill() {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Kill() // it may have ended
	<-d.ended
	d.cmd = nil
}

func (d *demoProcess) config() string { return filepath.Join(d.dir, "netsync.yaml") }

// adminOf has the address for operators of the processes that a test started, by
// their public one.
var adminOf sync.Map

// url is where a path is served: the pages for operators have an address of their
// own.
func (d *demoProcess) url(path string) string {
	for _, prefix := range []string{"/status", "/metrics", "/newsletter/next."} {
		if strings.HasPrefix(path, prefix) {
			return d.adminURL(path)
		}
	}
	return "http://" + d.http + path
}

func (d *demoProcess) adminURL(path string) string {
	if admin, ok := adminOf.Load("http://" + d.http); ok {
		return admin.(string) + path
	}
	return "http://" + d.admin + path
}

// get returns what the demo serves at a path; "" while it does not.
func (d *demoProcess) get(path string) string {
	response, err := http.Get(d.url(path))
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

// ask returns what the demo answers, whatever the code.
func (d *demoProcess) ask(path string) (int, string) {
	d.t.Helper()
	return d.askAt(d.url(path))
}

func (d *demoProcess) askAt(url string) (int, string) {
	d.t.Helper()
	response, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// wait waits until something holds.
func (d *demoProcess) wait(what string, holds func() bool) {
	d.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			d.t.Fatalf("waited in vain: %s\n%s", what, d.log)
		}
		select {
		case <-d.ended:
			d.t.Fatalf("the demo ended while a test waited: %s\n%s", what, d.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// waitFor waits until a page holds a text.
func (d *demoProcess) waitFor(path, text string) {
	d.t.Helper()
	d.wait(fmt.Sprintf("%s to hold %q", path, text), func() bool { return strings.Contains(d.get(path), text) })
}

// replace changes a file of the dataset.
func (d *demoProcess) replace(name, from, to string) {
	d.t.Helper()
	path := filepath.Join(d.dir, "dataset", name)
	data, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(from)) {
		d.t.Fatalf("%s does not hold %q", name, from)
	}
	if err := os.WriteFile(path, bytes.Replace(data, []byte(from), []byte(to), 1), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// commit commits everything in the dataset.
func (d *demoProcess) commit(subject string) string {
	d.t.Helper()
	d.git("add", "--all")
	d.git("-c", gittest.NoMaintenance, "-c", "user.name=Grace Maintainer", "-c", "user.email=grace@example.org", "commit", "--quiet", "--message="+subject)
	return gittest.Head(d.t, filepath.Join(d.dir, "dataset"))
}

func (d *demoProcess) git(args ...string) string {
	d.t.Helper()
	out, err := exec.Command("git", append([]string{"-C", filepath.Join(d.dir, "dataset")}, args...)...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// events returns what netsync events prints, one line an event.
func (d *demoProcess) events() []string {
	d.t.Helper()
	out, code := netsync(d.t, "events", "-c", d.config())
	if code != cli.ExitDone {
		d.t.Fatalf("netsync events: exit code %d", code)
	}
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// verify runs netsync verify and fails the test where it finds something.
func (d *demoProcess) verify() {
	d.t.Helper()
	if out, code := netsync(d.t, "verify", "-c", d.config()); code != cli.ExitDone {
		d.t.Fatalf("netsync verify: exit code %d\n%s", code, out)
	}
	out, code := netsync(d.t, "events", "--json", "-c", d.config())
	if code != cli.ExitDone {
		d.t.Fatalf("netsync events: exit code %d\n%s", code, out)
	}
	for message := range strings.Lines(out) {
		if err := eventtest.Check([]byte(message)); err != nil {
			d.t.Errorf("an event is not as its schema says: %v\n%s", err, message)
		}
	}
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("decode: %v\n%.2000s", err, text)
	}
	return v
}
