package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
)

// systemd returns the program systemd-analyze.
func systemd(t *testing.T) string {
	t.Helper()
	return npmtest.Program(t, "systemd", "systemd-analyze")
}

func TestTheUnitIsValidAndClosedOff(t *testing.T) {
	t.Parallel()
	analyze := systemd(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(deployFile(t, "systemd/netsync.service"), "/usr/local/bin/netsync", program, 1)
	unit := filepath.Join(t.TempDir(), "netsync.service")
	if err := os.WriteFile(unit, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", unit).CombinedOutput(); err != nil || strings.Contains(string(out), unit) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", unit).CombinedOutput()
	if err != nil {
		t.Fatalf("systemd-analyze security: %v\n%s", err, out)
	}
	exposure := regexp.MustCompile(`exposure level for netsync.service: ([0-9.]+)`).FindSubmatch(out)
	if exposure == nil {
		t.Fatalf("systemd-analyze security says no level:\n%s", out)
	}
	if level, err := strconv.ParseFloat(string(exposure[1]), 64); err != nil || level > 2 {
		t.Errorf("the unit is exposed at level %s of 10", exposure[1])
	}
}

// TestAServiceTellsSystemdItsLife runs netsync as a unit of Type=notify.
func TestAServiceTellsSystemdItsLife(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sampleRepository(t, dir)
	socket := filepath.Join(dir, "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { manager.Close() })

	cmd := program("run", "-c", writeConfig(t, dir, "newsletter: {enabled: false}\n"))
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=200000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended, if all is well
	await := func(what string) {
		t.Helper()
		if err := manager.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 4096)
		for heard := ""; !strings.Contains(heard, what); {
			n, err := manager.Read(buf)
			if err != nil {
				t.Fatalf("%s was not said, but %q: %v", what, heard, err)
			}
			heard = string(buf[:n])
		}
	}
	await("READY=1")
	await("WATCHDOG=1")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await("STOPPING=1")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
