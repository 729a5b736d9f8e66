package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema/stream/streamtest"
)

// adminConfig writes a configuration with settings of http, and returns its name.
func adminConfig(t *testing.T, dir, settings string) string {
	t.Helper()
	path := filepath.Join(dir, "netsync.yaml")
	text := fmt.Sprintf("dataset: {repository: dataset}\nnats: {listen: '127.0.0.1:0'}\nlog: {format: json}\nhttp: {listen: '127.0.0.1:0'%s}\n", settings)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOperatorsHaveTheNextFreePort: the default one is taken, and nothing is set.
func TestOperatorsHaveTheNextFreePort(t *testing.T) {
	t.Parallel()
	if taken, err := net.Listen("tcp", "127.0.0.1:8090"); err == nil { // else another has it
		t.Cleanup(func() { taken.Close() })
	}
	dir := t.TempDir()
	sampleRepository(t, dir)
	config := adminConfig(t, dir, "")
	base := awaitRunning(t, program("run", "-c", config))
	d := &demoProcess{t: t, http: strings.TrimPrefix(base, "http://")}
	admin := d.adminURL("")
	if admin == "http://127.0.0.1:8090" || !strings.HasPrefix(admin, "http://127.0.0.1:") {
		t.Fatalf("operators look at %s", admin)
	}
	streamtest.Eventually(t, "the channels to be current", func() bool { return page(base, "/readyz") == "ready\n" })
	for path, want := range map[string]string{
		"/status": "Next runs", "/status.json": `"pid"`, "/metrics": "netsync_ready 1", "/newsletter/next.html": "<html", "/newsletter/next.txt": "8 networks", "/newsletter/next.json": `"subject"`,
	} {
		if code, body := d.askAt(admin + path); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("operators at %s: %d, without %q", path, code, want)
		}
		if code, body := d.askAt(base + path); strings.Contains(body, want) || !strings.HasPrefix(path, "/status") && code != http.StatusNotFound {
			t.Errorf("the public at %s: %d, %.300q", path, code, body)
		}
	}
	if code, body := d.askAt(base + "/status"); code != http.StatusOK || !strings.Contains(body, "Every channel is current.") {
		t.Errorf("the public status: %d, %s", code, body)
	}
	if out, code := netsync(t, "status", "-c", config); code != cli.ExitDone || !strings.Contains(out, "operators   "+admin) {
		t.Errorf("netsync status does not say where operators look: %d\n%s", code, out)
	}
	// What is set is not changed.
	other := t.TempDir()
	sampleRepository(t, other)
	taken := adminConfig(t, other, ", admin_listen: '"+strings.TrimPrefix(admin, "http://")+"'")
	out, err := program("run", "-c", taken).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != cli.ExitOutside || !strings.Contains(string(out), "set http.admin_listen to another address") {
		t.Errorf("an address that is taken: %v\n%s", err, out)
	}
}

// TestOperatorsHaveASocket: of one user and group, whatever the umask is, and one
// that a killed process left is no obstacle.
func TestOperatorsHaveASocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sampleRepository(t, dir)
	short, err := os.MkdirTemp("", "ns") // a socket's path is 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(short) })
	socket := filepath.Join(short, "admin")
	config := adminConfig(t, dir, ", admin_listen: 'unix:"+socket+"'")
	// What a killed process leaves.
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	base := awaitRunning(t, program("run", "-c", config))
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	t.Cleanup(client.CloseIdleConnections)
	response, err := client.Get("http://any.example.org/status.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), `"pid"`) {
		t.Errorf("by the socket: %s, %v\n%s", response.Status, err, body)
	}
	if admin, _ := adminOf.Load(base); admin != "unix:"+socket {
		t.Errorf("the log says %v", admin)
	}
	listener, err := process.ListenAt("unix:" + socket)
	if err == nil {
		listener.Close()
		t.Error("a second process took the socket of a running one")
	}
}

// TestPermissionsDoNotDependOnTheUmask: what is not published is for the user who
// runs netsync alone.
func TestPermissionsDoNotDependOnTheUmask(t *testing.T) {
	t.Parallel()
	for _, umask := range []string{"000", "022", "027", "077"} {
		t.Run(umask, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			sampleRepository(t, dir)
			config := writeConfig(t, dir, "github: {report: status, token: x, repository: o/r, api_url: 'http://127.0.0.1:1'}\n")
			netsync := program("sync", "-c", config)
			shell := exec.Command("sh", append([]string{"-c", `umask ` + umask + `; exec "$@"`, "sh", netsync.Path}, netsync.Args[1:]...)...)
			shell.Env = netsync.Env
			if out, err := shell.CombinedOutput(); err != nil {
				t.Fatalf("netsync sync: %v\n%s", err, out)
			}
			data := filepath.Join(dir, "data")
			for _, name := range []string{"mirror.git", "newsletter/drafts", "nats"} {
				info, err := os.Stat(filepath.Join(data, name))
				if err != nil || info.Mode().Perm() != 0o700 {
					t.Errorf("%s: %v, %v", name, info.Mode(), err)
				}
			}
			entries, err := os.ReadDir(data)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				info, err := entry.Info()
				if err != nil {
					t.Fatal(err)
				}
				if public := slices.Contains(process.ChannelNames(), entry.Name()); !public && info.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s is open to others: %v", entry.Name(), info.Mode())
				}
			}
		})
	}
}

// TestOperatorsNeedTheTokenOffLoopback asks a process that other machines reach.
func TestOperatorsNeedTheTokenOffLoopback(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sampleRepository(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program("run", "-c", adminConfig(t, dir, ", admin_listen: '0.0.0.0:0'"))
	cmd.Env = append(cmd.Env, "NETSYNC_HTTP_ADMIN_TOKEN_FILE=token")
	base := awaitRunning(t, cmd)
	admin := (&demoProcess{http: strings.TrimPrefix(base, "http://")}).adminURL("")
	admin = "http://127.0.0.1" + admin[strings.LastIndexByte(admin, ':'):]
	for _, path := range []string{"/", "/status", "/status.json", "/metrics", "/readyz", "/newsletter/next.html", "/nothing"} {
		if code, body := (&demoProcess{t: t}).askAt(admin + path); code != http.StatusUnauthorized || strings.Contains(body, "leiden") {
			t.Errorf("%s without the token: %d, %s", path, code, body)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer 0123456789abcdef")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if body, err := io.ReadAll(w.Body); err != nil || w.StatusCode != http.StatusOK || !strings.Contains(string(body), "netsync_build_info") {
		t.Errorf("with the token: %s, %v", w.Status, err)
	}
}
