package ops

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// The shipped nginx configuration passes forms to netsync with the client's
// address, and answers unchanged.
func TestNginxInFrontLetsFormsThrough(t *testing.T) {
	t.Parallel()
	program := npmtest.Program(t, "nginx", "nginx")
	_, dir := serving(t)
	netsync := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, "%s %s from %s: %s", r.Method, r.URL, r.Header.Get("X-Forwarded-For"), r.FormValue("address"))
	}))
	defer netsync.Close()
	theirs := listen(t, func(port string) *exec.Cmd {
		folder := t.TempDir()
		cmd := startNginx(t, program, folder, filepath.Dir(dir.Path()), port, netsync.Listener.Addr().String())
		name := filepath.Join(folder, "netsync.conf")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, name, regexp.MustCompile(`(?m)^    #   `).ReplaceAllString(string(text), "    ")) // for hooks, too
		return cmd
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, theirs.URL+"/newsletter/subscribe?lang=nl", strings.NewReader("address=ada"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Forwarded-For", "198.51.100.1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body := make([]byte, 200)
	n, _ := response.Body.Read(body) // the text is compared
	if got, want := string(body[:n]), "POST /newsletter/subscribe?lang=nl from 198.51.100.1, 127.0.0.1: ada"; got != want {
		t.Errorf("netsync gets %q, want %q", got, want)
	}
	for header, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Content-Security-Policy": ""} {
		if got := strings.Join(response.Header.Values(header), " and "); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if w, body := do(t, theirs, http.MethodPost, "/hooks/github"); w.StatusCode != http.StatusOK || !strings.HasPrefix(body, "POST /hooks/github") {
		t.Errorf("a hook: %d %.40q", w.StatusCode, body)
	}
	if w, _ := do(t, theirs, http.MethodPost, "/data/networks.json"); w.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a form to the website: %d", w.StatusCode)
	}
	if w, body := do(t, theirs, http.MethodGet, "/"); body != site["index.html"] || w.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("the website: %d %.40q", w.StatusCode, body)
	}
}
