// Package listmonktest runs a real listmonk on a real PostgreSQL, for tests.
package listmonktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
	"netsync/schema/testkit/porttest"
)

// A Server is a listmonk that ends with the test. It has no subscribers, and the
// templates that it is born with.
type Server struct {
	URL   string
	User  string // of the API; may do what netsync asks for, and nothing else
	Token string

	admin  login
	db     *postgres
	client *http.Client
}

// A login is a user of the API with a token.
type login struct{ user, token string }

// Start starts a listmonk that sends mail by the server at an address. The program
// lies with its files where .ci/run puts it, or where NETSYNC_TEST_LISTMONK says.
// Where it or PostgreSQL is missing, the test is skipped, unless
// NETSYNC_TEST_REQUIRE lists listmonk.
func Start(tb testing.TB, smtp string) *Server {
	tb.Helper()
	from := programFolder(tb)
	s := &Server{db: startPostgres(tb), client: &http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}}
	address := porttest.Free(tb)
	s.URL = "http://" + address
	dir := tb.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		tb.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "frontend", "dist", "frontend"), 0o755); err != nil { // for people, and not built
		tb.Fatal(err)
	}
	write(tb, filepath.Join(dir, "frontend", "dist", "favicon.png"), "")
	const (
		user     = "netsync"
		admin    = "admin" // of listmonk 1, which has no tokens
		password = "a-password-of-tests"
	)
	write(tb, filepath.Join(dir, "test.toml"), fmt.Sprintf(`[app]
address = %q
admin_username = %q
admin_password = %q
[db]
host = %q
port = 5432
user = "listmonk"
password = "none"
database = "postgres"
ssl_mode = "disable"
max_open = 20
max_idle = 20
max_lifetime = "300s"
`, address, admin, password, s.db.dir))
	s.admin = login{admin, password}
	said := install(tb, dir, user, password)
	if token := regexp.MustCompile(`LISTMONK_ADMIN_API_TOKEN="([^"]+)"`).FindStringSubmatch(said); token != nil {
		s.admin = login{user, token[1]}
	}
	s.settle(tb, smtp)
	start(tb, listmonk(dir))
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		status, err := s.ask(http.MethodGet, "lists", nil, nil)
		if err == nil && status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			tb.Fatalf("listmonk does not start: %d, %v", status, err)
		}
	}
	s.User, s.Token = s.admin.user, s.admin.token
	if s.admin.user != admin {
		s.grant(tb, dir)
	}
	return s
}

// grant makes the user that tests have: of listmonk 4 and later, which knows rights.
// They are what the key newsletter.listmonk.user asks for.
func (s *Server) grant(tb testing.TB, dir string) {
	tb.Helper()
	known, err := os.ReadFile(filepath.Join(dir, "permissions.json"))
	if err != nil {
		tb.Fatal(err)
	}
	rights := []string{"lists:get_all", "templates:get", "templates:manage", "campaigns:get", "campaigns:manage"}
	if send := "campaigns:send"; strings.Contains(string(known), send) { // since listmonk 6.1
		rights = append(rights, send)
	}
	var role struct{ ID int }
	s.Ask(tb, http.MethodPost, "roles/users", map[string]any{"name": "netsync", "permissions": rights}, &role)
	var made struct{ Username, Password string }
	s.Ask(tb, http.MethodPost, "users", map[string]any{"username": "digests", "name": "digests", "type": "api", "status": "enabled", "user_role_id": role.ID}, &made)
	s.User, s.Token = made.Username, made.Password
}

// programFolder has the program and the files that it reads when it starts.
func programFolder(tb testing.TB) string {
	tb.Helper()
	npmtest.Need(tb, "listmonk")
	dir := os.Getenv("NETSYNC_TEST_LISTMONK")
	if dir == "" {
		cache := os.Getenv("XDG_CACHE_HOME")
		if cache == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				tb.Fatal(err)
			}
			cache = filepath.Join(home, ".cache")
		}
		dir = filepath.Join(cache, "netsync-ci", "listmonk")
	}
	if _, err := os.Stat(filepath.Join(dir, "listmonk")); err != nil {
		tb.Fatalf("no program listmonk in %s: .ci/run installs it", dir)
	}
	return dir
}

func listmonk(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(dir, "listmonk"), append([]string{"--config", "test.toml"}, args...)...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// install makes the tables, and an administrator and a user of the API; what it says
// has the token in it.
func install(tb testing.TB, dir, user, password string) string {
	tb.Helper()
	cmd := listmonk(dir, "--install", "--yes")
	cmd.Env = append(os.Environ(), "LISTMONK_ADMIN_USER=person", "LISTMONK_ADMIN_PASSWORD="+password, "LISTMONK_ADMIN_API_USER="+user)
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("listmonk --install: %v: %s", err, out)
	}
	return string(out)
}

// settle sets what listmonk keeps in its database: how it sends, and that it asks
// nobody about itself.
func (s *Server) settle(tb testing.TB, smtp string) {
	tb.Helper()
	host, port, err := net.SplitHostPort(smtp)
	if err != nil {
		tb.Fatal(err)
	}
	servers := fmt.Sprintf(`[{"uuid": "5e91dda1-1c16-467d-9bf9-2a21bf22ae21", "enabled": true, "host": %q, "port": %s, "hello_hostname": "",
		"auth_protocol": "none", "username": "", "password": "", "email_headers": [], "max_conns": 4, "max_msg_retries": 1,
		"idle_timeout": "15s", "wait_timeout": "5s", "tls_enabled": false, "tls_type": "none", "tls_skip_verify": true}]`, host, port)
	for key, value := range map[string]string{
		"smtp": servers, "app.check_updates": "false", "app.root_url": fmt.Sprintf("%q", s.URL), "app.notify_emails": "[]",
		"app.message_rate": "1000", "app.concurrency": "100", // listmonk 1 stands still where it has more campaigns at once than this
		"app.from_email": `"listmonk <listmonk@example.org>"`,
	} {
		s.db.do(tb, fmt.Sprintf("UPDATE settings SET value = '%s' WHERE key = '%s'", value, key))
	}
	s.db.do(tb, "DELETE FROM campaigns; DELETE FROM subscribers")
}

// ask asks the API, and decodes what is in the data of the answer.
func (s *Server) ask(method, path string, body, into any) (int, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequest(method, s.URL+"/api/"+path, bytes.NewReader(data))
	if err != nil {
		return 0, err
	}
	r.SetBasicAuth(s.admin.user, s.admin.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }() // all was read
	data, err = io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode == http.StatusOK && into != nil {
		err = json.Unmarshal(data, &struct{ Data any }{into})
	}
	if answer.StatusCode != http.StatusOK && err == nil {
		err = fmt.Errorf("%s", data)
	}
	return answer.StatusCode, err
}

// Ask asks the API, which must do what it is asked.
func (s *Server) Ask(tb testing.TB, method, path string, body, into any) {
	tb.Helper()
	if status, err := s.ask(method, path, body, into); err != nil {
		tb.Fatalf("%s %s: %d: %v", method, path, status, err)
	}
}

// List makes a list with subscribers, and returns its id.
func (s *Server) List(tb testing.TB, name string, addresses ...string) int {
	tb.Helper()
	var list struct{ ID int }
	s.Ask(tb, http.MethodPost, "lists", map[string]any{"name": name, "type": "private", "optin": "single"}, &list)
	for _, address := range addresses {
		s.Subscribe(tb, address, list.ID)
	}
	return list.ID
}

// Subscribe puts a new subscriber on lists.
func (s *Server) Subscribe(tb testing.TB, address string, lists ...int) {
	tb.Helper()
	name, _, _ := strings.Cut(address, "@")
	s.Ask(tb, http.MethodPost, "subscribers", map[string]any{"email": address, "name": name, "status": "enabled", "lists": lists}, nil)
}

// A Campaign is what listmonk's database has of one.
type Campaign struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Status  string `json:"status"`
	Body    string `json:"body"`
	AltBody string `json:"altbody"`
	From    string `json:"from_email"`
	Sent    int    `json:"sent"`
}

// Campaigns are all that there are, by id.
func (s *Server) Campaigns(tb testing.TB) (all []Campaign) {
	tb.Helper()
	out := s.db.do(tb, "SELECT COALESCE(JSON_AGG(c ORDER BY id), '[]') FROM campaigns c")
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		tb.Fatal(err)
	}
	return all
}

// Finished waits until no campaign is under way.
func (s *Server) Finished(tb testing.TB) {
	tb.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		left := s.db.do(tb, "SELECT COUNT(*) FROM campaigns WHERE status = 'running'")
		if left == "0" {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%s campaigns are not finished", left)
		}
	}
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}
