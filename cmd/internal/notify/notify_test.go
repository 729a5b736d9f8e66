package notify_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"netsync/cmd/internal/notify"
)

// listen is a service manager. The environment keeps these tests from running
// in parallel.
func listen(t *testing.T, address string) func() string {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", address)
	return func() string {
		t.Helper()
		if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 4096)
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
}

func TestItIsSentToAPathOrAnAbstractAddress(t *testing.T) {
	addresses := []string{filepath.Join(t.TempDir(), "notify")}
	if runtime.GOOS == "linux" {
		addresses = append(addresses, fmt.Sprintf("@netsync-test-%s", filepath.Base(t.TempDir())+t.Name()))
	}
	for _, address := range addresses {
		received := listen(t, address)
		if err := notify.Send("READY=1", "STATUS=All is well."); err != nil {
			t.Fatal(err)
		}
		if got := received(); got != "READY=1\nSTATUS=All is well." {
			t.Errorf("%s received %q", address, got)
		}
	}
}

func TestWithoutAServiceManagerNothingIsSent(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if err := notify.Send("READY=1"); err != nil {
		t.Error(err)
	}
	notify.Run(t.Context(), func(context.Context) notify.State {
		t.Error("somebody looks")
		return notify.State{}
	}, func(err error) { t.Error(err) })
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	if err := notify.Send("READY=1"); err == nil {
		t.Error("a socket that is not there took it")
	}
}

func TestTheWatchdogIsMeantForOneProcess(t *testing.T) {
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
	}{{"30000000", "", 30 * time.Second}, {"30000000", "1", 0}, {"", "", 0}, {"soon", "", 0}, {"-1", "", 0}} {
		t.Setenv("WATCHDOG_USEC", c.usec)
		t.Setenv("WATCHDOG_PID", c.pid)
		if got := notify.Watchdog(); got != c.want {
			t.Errorf("Watchdog() = %v with %+v", got, c)
		}
	}
}

func TestAProcessTellsItsLife(t *testing.T) {
	received := listen(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "20000") // 20 ms
	var ready atomic.Bool
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		notify.Run(ctx, func(context.Context) notify.State {
			return notify.State{Ready: ready.Load(), Status: "One line\nor two."}
		}, func(err error) { t.Error(err) })
	}()
	if got := received(); got != "WATCHDOG=1\nSTATUS=One line or two." {
		t.Errorf("at first: %q", got)
	}
	ready.Store(true)
	for got := received(); !strings.Contains(got, "READY=1"); got = received() {
		if got != "WATCHDOG=1" {
			t.Errorf("while it begins: %q", got)
		}
	}
	ready.Store(false) // it is said once, and not taken back
	if got := received(); got != "WATCHDOG=1" {
		t.Errorf("later: %q", got)
	}
	cancel()
	got := received()
	for got == "WATCHDOG=1" {
		got = received()
	}
	if got != "STOPPING=1\nSTATUS=Stopping." {
		t.Errorf("at the end: %q", got)
	}
	<-ended
}
