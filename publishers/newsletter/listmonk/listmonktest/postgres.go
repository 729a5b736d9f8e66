package listmonktest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
)

// limit is how long a program may take to start, or for one command.
const limit = time.Minute

// A postgres is a PostgreSQL that ends with the test. It listens on a socket in
// its own folder and nowhere else, and asks nobody for a password.
type postgres struct {
	bin, dir string
	as       *syscall.SysProcAttr
}

func startPostgres(tb testing.TB) *postgres {
	tb.Helper()
	p := &postgres{bin: postgresPrograms(tb), as: &syscall.SysProcAttr{Setpgid: true}}
	// Not below TB.TempDir: that is root's alone where the test runs as root, and
	// PostgreSQL does not run as root.
	var err error
	if p.dir, err = os.MkdirTemp("/tmp", "netsync-postgres"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(p.dir) }) // the system clears /tmp away
	if os.Getuid() == 0 {
		p.drop(tb)
	}
	p.run(tb, "initdb", "--pgdata", p.data(), "--username", "listmonk", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	start(tb, p.command("postgres", "-D", p.data(), "-k", p.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"))
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		out, err := p.psql("SELECT 1").CombinedOutput()
		if err == nil {
			return p
		}
		if time.Now().After(deadline) {
			tb.Fatalf("PostgreSQL does not start: %v: %s", err, out)
		}
	}
}

// postgresPrograms is the folder with the newest of them. Debian has none of them
// in the PATH.
func postgresPrograms(tb testing.TB) string {
	tb.Helper()
	npmtest.Need(tb, "listmonk")
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well-formed
	if path, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		found = []string{path}
	}
	if len(found) == 0 {
		tb.Fatal("no PostgreSQL: .ci/run installs it")
	}
	return filepath.Dir(found[len(found)-1])
}

// drop has the programs run as somebody who is not root.
func (p *postgres) drop(tb testing.TB) {
	tb.Helper()
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		tb.Fatal(err)
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		tb.Fatal(err)
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		tb.Fatal(err)
	}
	p.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(p.dir, int(uid), int(gid)); err != nil {
		tb.Fatal(err)
	}
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.SysProcAttr = p.as
	cmd.Dir = p.dir
	return cmd
}

func (p *postgres) run(tb testing.TB, name string, args ...string) {
	tb.Helper()
	if out, err := p.command(name, args...).CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v: %s", name, err, out)
	}
}

func (p *postgres) psql(statement string) *exec.Cmd {
	return p.command("psql", "-h", p.dir, "-U", "listmonk", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qAtc", statement)
}

// do runs one statement, and returns what it prints.
func (p *postgres) do(tb testing.TB, statement string) string {
	tb.Helper()
	out, err := p.psql(statement).CombinedOutput()
	if err != nil {
		tb.Fatalf("%s: %v: %s", statement, err, out)
	}
	return strings.TrimSpace(string(out))
}

// start starts a program that ends with the test; what it says is told where the
// test fails.
func start(tb testing.TB, cmd *exec.Cmd) {
	tb.Helper()
	log, err := os.CreateTemp(tb.TempDir(), "log")
	if err != nil {
		tb.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()                                      // a kill is no failure
		if said, err := os.ReadFile(log.Name()); tb.Failed() && err == nil {
			tb.Logf("%s:\n%s", filepath.Base(cmd.Path), tail(said))
		}
		_ = log.Close() // it was read
	})
}

func tail(said []byte) string {
	const most = 20_000
	return string(said[max(0, len(said)-most):])
}
