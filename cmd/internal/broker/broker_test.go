package broker_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"netsync/cmd/internal/broker"
	"netsync/schema/stream/streamtest"
)

// childEnv makes the test binary a process that holds the broker in that folder.
const childEnv = "BROKER_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		runChild(dir)
		return
	}
	goleak.VerifyTestMain(m, streamtest.LeakOptions()...)
}

// child runs a broker until its standard input ends or it is killed.
func runChild(dir string) {
	b, err := broker.Start(context.Background(), config(dir))
	fmt.Println("started", err)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err == nil {
		_ = b.Close()
	}
}

func config(dir string) broker.Config {
	return broker.Config{
		StoreDir: filepath.Join(dir, "nats"),
		Listen:   "127.0.0.1:0",
		InfoFile: filepath.Join(dir, "broker.json"),
	}
}

func start(t *testing.T, cfg broker.Config) *broker.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// connect gives JetStream as the owner, in this process.
func connect(t *testing.T, b *broker.Broker) jetstream.JetStream {
	t.Helper()
	nc, err := b.Connect()
	if err != nil {
		t.Fatal(err)
	}
	return overConnection(t, nc)
}

func overConnection(t *testing.T, nc *nats.Conn) jetstream.JetStream {
	t.Helper()
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// fill makes a stream with n records.
func fill(t *testing.T, js jetstream.JetStream, dataset string, n int) jetstream.Stream {
	t.Helper()
	s, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{
		Name: "netsync-" + dataset, Subjects: []string{"netsync." + dataset + ".>"}, AllowDirect: true, AllowAtomicPublish: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := js.Publish(t.Context(), fmt.Sprintf("netsync.%s.networks.n%d", dataset, i), []byte(dataset)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func messages(t *testing.T, s jetstream.Stream) uint64 {
	t.Helper()
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.State.Msgs
}

func TestARestartKeepsTheMessages(t *testing.T) {
	cfg := config(t.TempDir())
	b := start(t, cfg)
	fill(t, connect(t, b), "a", 3)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	b = start(t, cfg)
	if n := messages(t, fill(t, connect(t, b), "a", 0)); n != 3 {
		t.Errorf("%d messages after the restart, want 3", n)
	}
}

func TestWithoutAnAddressOnlyThisProcessConnects(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.Listen = ""
	b := start(t, cfg)
	fill(t, connect(t, b), "a", 1)
	info, err := broker.ReadInfo(cfg.InfoFile)
	if err != nil || info.URL != "" || b.ClientURL() != "" {
		t.Errorf("URL %q, info %v, %v", b.ClientURL(), info, err)
	}
}

func TestTheInfoFileLetsItsReaderIn(t *testing.T) {
	cfg := config(t.TempDir())
	b := start(t, cfg)
	info, err := broker.ReadInfo(cfg.InfoFile)
	if err != nil {
		t.Fatal(err)
	}
	if info.PID != os.Getpid() || info.URL != b.ClientURL() || info.Password == "" {
		t.Errorf("info is %v", info)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", info, info, info, &info); strings.Contains(shown, info.Password) {
		t.Errorf("the password shows: %s", shown)
	}
	if stat, err := os.Stat(cfg.InfoFile); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", stat.Mode(), err)
	}
	nc, err := nats.Connect(info.URL, nats.UserInfo(info.User, info.Password))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, overConnection(t, nc), "a", 1)
	if wrong, err := nats.Connect(info.URL, nats.UserInfo(info.User, "x")); err == nil {
		wrong.Close()
		t.Error("a wrong password was let in")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := broker.ReadInfo(cfg.InfoFile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Close: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(cfg.InfoFile), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAStoreHasOneProcess(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "started <nil>\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	_, err = broker.Start(t.Context(), config(dir))
	locked, ok := errors.AsType[*broker.LockedError](err)
	if !ok || !errors.Is(err, broker.ErrLocked) {
		t.Fatalf("second start: %v", err)
	}
	if locked.PID != cmd.Process.Pid || locked.URL == "" || !strings.Contains(err.Error(), "data_dir") {
		t.Errorf("the error says %v; the process is %d", err, cmd.Process.Pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	start(t, config(dir))
}

func TestAnAddressInUseIsNamedWithTheRemedy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := config(t.TempDir())
	cfg.Listen = l.Addr().String()
	_, err = broker.Start(t.Context(), cfg)
	if e, ok := errors.AsType[*broker.ListenError](err); !ok || !errors.Is(err, syscall.EADDRINUSE) || e.Address != cfg.Listen {
		t.Fatalf("error is %v", err)
	}
	for _, word := range []string{cfg.Listen, "nats.listen"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in %v", word, err)
		}
	}
	cfg.Listen = "127.0.0.1:0"
	start(t, cfg) // the store is free again
}

func TestAStartThatFailsLeavesNothingBehind(t *testing.T) {
	cfg := config(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := broker.Start(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := os.RemoveAll(cfg.StoreDir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cfg.StoreDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := broker.Start(t.Context(), cfg); err == nil {
		t.Error("started on a file")
	}
	goleak.VerifyNone(t, streamtest.LeakOptions()...)
	if err := os.Remove(cfg.StoreDir); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
}

func TestStartAndCloseLeaveNoGoroutine(t *testing.T) {
	for _, listen := range []string{"", "127.0.0.1:0"} {
		cfg := config(t.TempDir())
		cfg.Listen = listen
		b := start(t, cfg)
		nc, err := b.Connect()
		if err != nil {
			t.Fatal(err)
		}
		nc.Close()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		goleak.VerifyNone(t, streamtest.LeakOptions()...)
	}
}

func TestABadConfigIsRefused(t *testing.T) {
	for _, cfg := range []broker.Config{{}, {StoreDir: "x", Listen: "nowhere"}, {StoreDir: "x", Listen: ":x"}, {StoreDir: "x", MaxBatch: -1}} {
		if err := cfg.Validate(); err == nil {
			t.Errorf("accepted %+v", cfg)
		}
	}
}
