package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats.go"

	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/porttest"
)

// A composition runs what the services of the compose file run, without containers:
// their paths are in a folder, and their names are addresses.
type composition struct {
	t       *testing.T
	project *types.Project
	paths   *strings.Replacer
	path    string // PATH
	broker  string // host:port
}

func compose(t *testing.T) *composition {
	t.Helper()
	dir, broker, monitor := t.TempDir(), porttest.Free(t), porttest.Free(t)
	tools := filepath.Join(dir, "bin")
	for _, folder := range []string{"bin", "etc", "tmp", "stream", "keys/broker", "keys/worker", "keys/publisher", "keys/operator", "keys/backup", "keys/guest"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(tools, "nk"), "github.com/nats-io/nkeys/nk").CombinedOutput(); err != nil {
		t.Fatalf("build nk: %v\n%s", err, out)
	}
	server, err := exec.Command("go", "tool", "-n", "nats-server").Output()
	if err != nil {
		t.Fatalf("build nats-server: %v", err)
	}
	if err := os.Symlink(strings.TrimSpace(string(server)), filepath.Join(tools, "nats-server")); err != nil {
		t.Fatal(err)
	}
	c := &composition{t: t, project: composed(t), broker: broker, path: tools + string(os.PathListSeparator) + os.Getenv("PATH")}
	c.paths = strings.NewReplacer("/keys/", dir+"/keys/", "/etc/nats/", dir+"/etc/", "/tmp/", dir+"/tmp/", "/data", dir+"/stream",
		"chown 10001", fmt.Sprintf("chown %d", os.Getuid()), "0.0.0.0:4222", broker, "0.0.0.0:8222", monitor, "nats://nats:4222", "nats://"+broker)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, "etc", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("netsync.conf", c.paths.Replace(c.project.Configs["nats"].Content))
	write("roles.conf", readText(t, c.project.Configs["roles"].File))
	return c
}

// command is what a service of a foreign image runs.
func (c *composition) command(service string) *exec.Cmd {
	c.t.Helper()
	s := c.project.Services[service]
	if len(s.Command) != 3 || s.Command[0] != "sh" {
		c.t.Fatalf("the service %s runs %q", service, s.Command)
	}
	cmd := exec.Command("sh", s.Command[1], c.paths.Replace(strings.ReplaceAll(s.Command[2], "$$", "$")))
	cmd.Env = append(os.Environ(), "PATH="+c.path)
	for name, value := range s.Environment {
		cmd.Env = append(cmd.Env, name+"="+*value)
	}
	return cmd
}

// settings are the environment of a service of netsync's image.
func (c *composition) settings(service string, more ...string) []string {
	var all []string
	for name, value := range c.project.Services[service].Environment {
		all = append(all, name+"="+c.paths.Replace(*value))
	}
	return append(append(all, "NETSYNC_HTTP_LISTEN=127.0.0.1:0", "NETSYNC_HTTP_ADMIN_LISTEN=127.0.0.1:0", "NETSYNC_LOG_FORMAT=json"), more...)
}

// TestTheComposeBrokerHasLoginsForItsRoles and none for strangers: every service
// does its work with a key of its own, and who has none reads nothing.
func TestTheComposeBrokerHasLoginsForItsRoles(t *testing.T) {
	t.Parallel()
	c := compose(t)
	for range 2 { // a second start makes no other keys
		if out, err := c.command("keys").CombinedOutput(); err != nil {
			t.Fatalf("the service keys: %v\n%s", err, out)
		}
	}
	broker := c.command("nats")
	var log lockedBuffer
	broker.Stderr = writerTo(log.add)
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = broker.Process.Kill()
		_ = broker.Wait()
		if t.Failed() {
			t.Logf("the broker says:\n%s", &log)
		}
	})
	var err error
	streamtest.Eventually(t, "the broker to refuse strangers", func() bool {
		var nc *nats.Conn
		if nc, err = nats.Connect(c.broker, nats.Timeout(5*time.Second)); err == nil {
			nc.Close()
			return true
		}
		return errors.Is(err, nats.ErrAuthorization)
	})
	if !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a stranger connects: %v", err)
	}
	if nc, err := nats.Connect(c.broker, nats.UserInfo("worker", "")); err == nil {
		nc.Close()
		t.Error("a name without a key connects")
	}
	dir := t.TempDir()
	sampleRepository(t, dir)
	run := func(service string) string {
		cmd := program(c.project.Services[service].Command...)
		cmd.Env = append(cmd.Env, c.settings(service, "NETSYNC_DATASET_REPOSITORY="+filepath.Join(dir, "dataset"), "NETSYNC_DATA_DIR="+filepath.Join(dir, service))...)
		return awaitRunning(t, cmd)
	}
	run("worker")
	publishers := run("publishers")
	streamtest.Eventually(t, "the channels to be current", func() bool { return page(publishers, "/readyz") == "ready\n" })
	if code, body := (&demoProcess{t: t}).askAt(publishers + "/"); code != http.StatusOK || !strings.Contains(body, "Una Europa") {
		t.Errorf("the website: %d, %.200s", code, body)
	}
	operator := program("status")
	operator.Env = append(operator.Env, c.settings("operator", "NETSYNC_DATASET_REPOSITORY="+filepath.Join(dir, "dataset"), "NETSYNC_DATA_DIR="+filepath.Join(dir, "publishers"))...)
	if out, err := operator.CombinedOutput(); err != nil || strings.Count(string(out), "process ") != 2 || !strings.Contains(string(out), "website     current") {
		t.Errorf("netsync status: %v\n%s", err, out)
	}
	c.guest()
}

// guest follows the events with the guest's key, and publishes none.
func (c *composition) guest() {
	c.t.Helper()
	login, err := nats.NkeyOptionFromSeed(c.paths.Replace("/keys/guest/guest.nk"))
	if err != nil {
		c.t.Fatal(err)
	}
	nc, err := nats.Connect(c.broker, login, nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		c.t.Fatal(err)
	}
	defer nc.Close()
	if m, err := nc.Request("$JS.API.STREAM.MSG.GET.netsync-leiden-networks", []byte(`{"seq":1}`), 10*time.Second); err != nil || !strings.Contains(string(m.Data), `"seq":1`) {
		c.t.Errorf("a guest reads the first event: %v", err)
	}
	for _, subject := range []string{"netsync.leiden-networks.networks.fake", "$JS.API.STREAM.MSG.GET.KV_netsync-leiden-networks-subscribers"} {
		if err := errors.Join(nc.Publish(subject, []byte("{}")), nc.Flush()); err != nil {
			c.t.Fatal(err)
		}
		if err := nc.LastError(); !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), subject) {
			c.t.Errorf("a guest publishes on %s: %v", subject, err)
		}
	}
}

// writerTo makes an io.Writer of a function.
type writerTo func(string)

func (w writerTo) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}
