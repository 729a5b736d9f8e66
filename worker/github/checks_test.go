package github_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"netsync/worker/github"
	"netsync/worker/github/githubtest"
)

var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// asApp reports by check runs.
func asApp(c *github.ReporterConfig, s *githubtest.Server) {
	c.Token, c.Checks = "", true
	c.App = &github.App{ID: "Iv23liABC", Installation: 42, PrivateKey: pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(appKey()))}
	s.Login = "netsync[bot]"
}

func TestAnnotationsGoInBatches(t *testing.T) {
	t.Parallel()
	inBubble(t, asApp, func(f *fixture) {
		f.Report(github.Report{Commit: sha(1), Findings: findings(70, 50), Live: 1})
		f.pass(time.Minute)
		runs := f.github.Runs(sha(1))
		if len(runs) != 1 || runs[0].Output.Count != 120 || runs[0].Status != "completed" || runs[0].Conclusion != "failure" ||
			runs[0].Output.Title != "70 errors, 50 warnings; 1 change published" {
			t.Fatalf("check runs %+v", runs)
		}
		writes := f.writes()[1:] // after the installation's token
		if len(writes) != 3 || writes[0].Method != http.MethodPost || writes[1].Method != http.MethodPatch || writes[2].Method != http.MethodPatch {
			t.Errorf("writes %+v", writes)
		}
		for i := range writes[1:] {
			if d := writes[i+1].At.Sub(writes[i].At); d < time.Second {
				t.Errorf("batch %d came %s after the one before", i+2, d)
			}
		}
		first, last := runs[0].Output.Annotations[0], runs[0].Output.Annotations[119]
		if fmt.Sprint(first) != "map[annotation_level:failure end_column:7 end_line:1 message:the key 1 is not known here. Take it out. path:networks/leru.yaml start_column:3 start_line:1 title:NS008 unknown-key]" ||
			last["annotation_level"] != "warning" || last["start_line"] != 50.0 {
			t.Errorf("annotations %v … %v", first, last)
		}
		if !strings.Contains(runs[0].Output.Summary, "the key 70 is not known here") {
			t.Errorf("summary %s", runs[0].Output.Summary)
		}
	})
}

func TestACheckRunThatBrokeOffIsGoneOnWith(t *testing.T) {
	t.Parallel()
	inBubble(t, asApp, func(f *fixture) {
		patches := 0
		f.github.Fail = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				patches++
			}
			if r.Method != http.MethodPatch || patches != 2 {
				return false
			}
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		report := github.Report{Commit: sha(1), Findings: findings(170, 0)}
		f.Report(report)
		f.pass(time.Minute)
		runs := f.github.Runs(sha(1))
		if len(runs) != 1 || runs[0].Output.Count != 170 || runs[0].Status != "completed" || patches != 4 {
			t.Fatalf("check runs %+v after %d changes", len(runs), patches)
		}
		for i, a := range runs[0].Output.Annotations {
			if a["start_line"] != float64(i+1) {
				t.Fatalf("annotation %d is of line %v", i+1, a["start_line"])
			}
		}
		before := len(f.writes())
		f.stop()
		f.start(asApp)
		f.Report(report)
		f.pass(time.Minute)
		if n := len(f.writes()) - before; n != 1 { // the installation's token
			t.Errorf("the next process made %d writes", n)
		}
		report.Findings = nil
		f.Report(report)
		f.pass(time.Minute)
		if runs := f.github.Runs(sha(1)); len(runs) != 2 || runs[1].Conclusion != "success" || runs[1].Output.Count != 0 {
			t.Errorf("check runs %+v", runs)
		}
	})
}

func TestTheRestOfTooManyAnnotationsIsInTheSummary(t *testing.T) {
	t.Parallel()
	inBubble(t, asApp, func(f *fixture) {
		f.Report(github.Report{Commit: sha(1), Findings: findings(3000, 0)})
		f.pass(time.Minute)
		run := f.github.Runs(sha(1))[0]
		if run.Output.Count != 500 || run.Status != "completed" || len(run.Output.Summary) > 65_535 || !strings.Contains(run.Output.Summary, "findings that have no room here") {
			t.Errorf("%d annotations, a summary of %d bytes", run.Output.Count, len(run.Output.Summary))
		}
	})
}

func TestACheckRunIsInProgressUntilTheChannelsShowTheCommit(t *testing.T) {
	t.Parallel()
	inBubble(t, asApp, func(f *fixture) {
		shown := time.Now().Add(30 * time.Second)
		f.Report(github.Report{Commit: sha(1), Live: 1, Findings: findings(1, 0), Shown: notBefore(shown)})
		f.pass(15 * time.Second)
		if runs := f.github.Runs(sha(1)); len(runs) != 1 || runs[0].Status != "in_progress" || runs[0].Output.Count != 0 {
			t.Errorf("check runs %+v", runs)
		}
		f.pass(time.Minute)
		if runs := f.github.Runs(sha(1)); len(runs) != 1 || runs[0].Status != "completed" || runs[0].Output.Count != 1 {
			t.Errorf("check runs %+v", runs)
		}
	})
}

func TestAnAppAsksForATokenAndRenewsIt(t *testing.T) {
	t.Parallel()
	inBubble(t, asApp, func(f *fixture) {
		report := func(n int) {
			f.Report(github.Report{Commit: sha(n)})
			f.pass(time.Minute)
		}
		report(1)
		report(2)
		f.pass(time.Hour)
		report(3)
		f.github.Fail = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Authorization") == "Bearer ghs_2" {
				w.WriteHeader(http.StatusUnauthorized) // it was taken back
				return true
			}
			return false
		}
		report(4)
		asked := 0
		for _, r := range f.github.Requests() {
			if r.Path == "/app" || strings.HasPrefix(r.Path, "/app/") {
				checkToken(t, r)
			}
			if strings.HasSuffix(r.Path, "/app/installations/42/access_tokens") {
				asked++
			}
		}
		if asked != 3 || len(f.github.Runs(sha(3))) != 1 || len(f.github.Runs(sha(4))) != 1 {
			t.Errorf("asked for %d tokens", asked)
		}
	})
}

// checkToken verifies the JSON Web Token of a request.
func checkToken(t *testing.T, r githubtest.Request) {
	t.Helper()
	parts := strings.Split(strings.TrimPrefix(r.Authorization, "Bearer "), ".")
	if len(parts) != 3 {
		t.Fatalf("%s has the authorization %q", r.Path, r.Authorization)
	}
	decoded := make([][]byte, 3)
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&appKey().PublicKey, crypto.SHA256, sum[:], decoded[2]); err != nil {
		t.Errorf("%s: %v", r.Path, err)
	}
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	if err := json.Unmarshal(decoded[1], &claims); err != nil {
		t.Fatal(err)
	}
	if age := r.At.Unix() - claims.Iat; claims.Iss != "Iv23liABC" || age != 60 || claims.Exp-claims.Iat > 600 {
		t.Errorf("claims %+v at %d", claims, r.At.Unix())
	}
}

func TestAnAppsKeyMayHaveEitherForm(t *testing.T) {
	t.Parallel()
	newer, err := x509.MarshalPKCS8PrivateKey(appKey())
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, func(c *github.ReporterConfig, s *githubtest.Server) {
		asApp(c, s)
		c.App.PrivateKey = pemOf("PRIVATE KEY", newer)
	}, func(f *fixture) {
		f.Report(github.Report{Commit: sha(1)})
		f.pass(time.Minute)
		if len(f.github.Runs(sha(1))) != 1 {
			t.Error("nothing was reported")
		}
	})
}
