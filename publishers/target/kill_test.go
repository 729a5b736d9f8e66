package target_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netsync/publishers/release"
	"netsync/publishers/target"
	"netsync/schema/testkit/npmtest"
)

// pushOnce makes the test binary a process that pushes once: the website's
// folder, the repository and the folder to work in.
const pushOnce = "NETSYNC_TEST_PUSH_ONCE"

func TestMain(m *testing.M) {
	if os.Getenv(pushOnce) == "" {
		os.Exit(m.Run())
	}
	if err := push(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func push(website, repository, work string) error {
	dir, err := release.Open(website)
	if err != nil {
		return err
	}
	s, err := target.ReadSite(dir, nil)
	if err != nil {
		return err
	}
	g, err := target.NewGit(target.GitConfig{
		Label: "site", Repository: repository, Branch: "gh-pages", Dir: work, AuthorName: "netsync", AuthorEmail: "netsync@localhost",
	})
	if err != nil {
		return err
	}
	_, err = g.Push(context.Background(), s, false, explainPush(s))
	return err
}

func TestAPushThatIsKilledAtAnyMomentIsMadeGoodByTheNext(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, l := newRepository(t, "gh-pages", ""), newLocal(t)
	work := filepath.Join(t.TempDir(), "work.git")
	run := func(kill time.Duration) (took time.Duration, err error) {
		cmd := exec.Command(self, l.website.Path(), r.dir, work)
		cmd.Env = append(os.Environ(), pushOnce+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if kill > 0 {
			timer := time.AfterFunc(kill, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }) // it may have ended
			defer timer.Stop()
		}
		err = cmd.Wait()
		return time.Since(began), err
	}
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("networks/%d/index.html", i)] = fmt.Sprint(i)
	}
	l.flip(files)
	took, err := run(0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range npmtest.Rounds(2, 8) {
		before := ours(r.files())
		files[fmt.Sprintf("networks/%d/index.html", i)] = "changed"
		delete(files, fmt.Sprintf("networks/%d/index.html", 100+i))
		l.flip(files)
		_, killed := run(rand.N(took) + 1)
		if there := ours(r.files()); !cmp.Equal(there, before) && !cmp.Equal(there, l.shown()) {
			t.Errorf("a kill leaves half a site:\n%s", cmp.Diff(l.shown(), there))
		}
		if took, err = run(0); err != nil {
			t.Fatalf("after a kill (%v): %v", killed, err)
		}
		if diff := cmp.Diff(l.shown(), ours(r.files())); diff != "" {
			t.Errorf("after a kill: -site +target\n%s", diff)
		}
	}
}
