package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netsync/cmd/internal/cli"
)

// post sends a form to the demo, and follows where it leads.
func (d *demoProcess) post(path string, values url.Values) int {
	d.t.Helper()
	response, err := http.PostForm("http://"+d.http+path, values)
	if err != nil {
		d.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// TestPeopleSubscribeToARunningProcess: the pages stand beside the archive, the
// commands see the same list, and none of it is in the log.
func TestPeopleSubscribeToARunningProcess(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	d.waitFor("/newsletter/", "Networks and associations")
	d.waitFor("/newsletter/subscribe", "Open Science")
	if code := d.post("/newsletter/subscribe", url.Values{"address": {"ada@example.org"}, "topic[]": {"water"}}); code != http.StatusOK {
		t.Fatalf("the form is answered by %d", code)
	}
	link := regexp.MustCompile(`http://` + regexp.QuoteMeta(d.http) + `(/newsletter/confirm/[A-Za-z0-9_-]+)`)
	var confirm string
	d.wait("the invitation", func() bool {
		mail, err := filepath.Glob(filepath.Join(d.dir, "mail", "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range mail {
			text := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(readText(t, name))
			if m := link.FindStringSubmatch(text); m != nil {
				confirm = m[1]
			}
		}
		return confirm != ""
	})
	if code := d.post(confirm, nil); code != http.StatusOK {
		t.Fatalf("the confirmation is answered by %d", code)
	}
	list := func() string {
		out, code := netsync(t, "subscribers", "list", "-c", d.config())
		if code != cli.ExitDone {
			t.Fatalf("netsync subscribers list: exit code %d", code)
		}
		return out
	}
	if got := list(); !strings.Contains(got, "ada@example.org") || !strings.Contains(got, "water") {
		t.Errorf("the list is %q", got)
	}
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("address\ngrace@example.org\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := netsync(t, "subscribers", "import", file, "-c", d.config()); code != cli.ExitDone || !strings.Contains(out, "Added 1 subscriber") {
		t.Errorf("netsync subscribers import: exit code %d, %s", code, out)
	}
	if out, code := netsync(t, "subscribers", "remove", "ada@example.org", "-c", d.config()); code != cli.ExitDone {
		t.Errorf("netsync subscribers remove: exit code %d, %s", code, out)
	}
	if code := d.post(confirm, nil); code != http.StatusGone {
		t.Errorf("an invitation from before somebody was removed is answered by %d", code)
	}
	if got := list(); !strings.HasPrefix(got, "grace@example.org") || strings.Count(got, "\n") != 1 {
		t.Errorf("the list is %q", got)
	}
	d.kill()
	if log := d.log.String(); strings.Contains(log, "@example.org") || strings.Contains(log, confirm) {
		t.Errorf("the log names somebody:\n%s", log)
	}
}
