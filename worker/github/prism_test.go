package github_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"netsync/schema/testkit/npmtest"
	"netsync/worker/github"
	"netsync/worker/github/githubtest"
)

// paths are all of GitHub's API that a reporter has to do with.
var paths = []string{
	"/user", "/app", "/app/installations/{installation_id}/access_tokens",
	"/repos/{owner}/{repo}/commits/{ref}/statuses", "/repos/{owner}/{repo}/statuses/{sha}",
	"/repos/{owner}/{repo}/commits/{ref}/check-runs", "/repos/{owner}/{repo}/check-runs", "/repos/{owner}/{repo}/check-runs/{check_run_id}",
	"/repos/{owner}/{repo}/pulls", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "/repos/{owner}/{repo}/issues/comments/{comment_id}",
}

// A recorder is the way to Prism. It notes what was asked and what Prism
// thinks of it, and may change an answer's text.
type recorder struct {
	base    http.RoundTripper
	adapt   *strings.Replacer
	mu      sync.Mutex
	asked   []string
	refused []string
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := r.base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if answer.StatusCode == http.StatusInternalServerError && onlyExample(body) {
		answer.StatusCode, body = http.StatusOK, []byte("[]")
	}
	r.asked = append(r.asked, fmt.Sprintf("%s %s %d", request.Method, request.URL.Path, answer.StatusCode))
	if answer.StatusCode >= 400 {
		r.refused = append(r.refused, fmt.Sprintf("%s %s: %s %s", request.Method, request.URL, answer.Status, body))
	}
	body = []byte(r.adapt.Replace(string(body)))
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return answer, nil
}

// onlyExample reports whether Prism finds nothing wrong with a request, but
// the example that GitHub gives of an answer is not what GitHub describes:
// that of the list of pull requests lacks a property.
func onlyExample(body []byte) bool {
	var answer struct {
		Validation []struct{ Location []string }
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Validation) == 0 {
		return false
	}
	for _, v := range answer.Validation {
		if len(v.Location) == 0 || v.Location[0] != "response" {
			return false
		}
	}
	return true
}

// TestEveryRequestIsAsGitHubDescribesIt has a server that is made of GitHub's
// description of its API look at the requests.
func TestEveryRequestIsAsGitHubDescribesIt(t *testing.T) {
	t.Parallel()
	address := npmtest.Prism(t, paths...)
	base := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(base.CloseIdleConnections)

	if r := (&recorder{base: base, adapt: strings.NewReplacer()}); !refuses(t, r, address) {
		t.Fatal("Prism lets wrong requests through")
	}
	for name, test := range map[string]struct {
		adapt func(*github.ReporterConfig)
		// answer changes the description's examples, which know nothing of us.
		answer *strings.Replacer
		want   []string
	}{
		"a token": {func(*github.ReporterConfig) {}, strings.NewReplacer(), []string{
			"GET /repos/o/r/commits/S/statuses 200", "POST /repos/o/r/statuses/S 201", "GET /repos/o/r/pulls 200", "GET /user 200",
			"GET /repos/o/r/issues/7/comments 200", "POST /repos/o/r/issues/7/comments 201",
		}},
		"a comment to change": {func(*github.ReporterConfig) {}, strings.NewReplacer(`"Me too"`, `"<!-- netsync:networks -->"`), []string{
			"GET /repos/o/r/issues/7/comments 200", "PATCH /repos/o/r/issues/comments/1 200",
		}},
		"two comments": {func(*github.ReporterConfig) {}, twoComments, []string{
			"PATCH /repos/o/r/issues/comments/2 200", "DELETE /repos/o/r/issues/comments/1 204",
		}},
		"an App": {func(c *github.ReporterConfig) { asApp(c, &githubtest.Server{}) }, strings.NewReplacer("2016-07-11T22:14:10Z", "2999-01-01T00:00:00Z"), []string{
			"GET /app 200", "POST /app/installations/42/access_tokens 201", "GET /repos/o/r/commits/S/check-runs 200",
			"POST /repos/o/r/check-runs 201", "PATCH /repos/o/r/check-runs/4 200",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{base: base, adapt: test.answer}
			config := github.ReporterConfig{
				Repository: "o/r", APIURL: address, Token: "secret", Ref: "main", TargetURL: "https://networks.example.org/status",
				Compare:   func(context.Context, int, string) (github.Pull, error) { return pull(sha(7), findings(60, 1)), nil },
				Transport: r, Log: zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel)),
			}
			test.adapt(&config)
			sendReport(t, config)
			for _, refused := range r.refused {
				t.Errorf("GitHub would not take %s", refused)
			}
			for i, asked := range r.asked {
				r.asked[i] = strings.NewReplacer(sha(1), "S", sha(7), "S").Replace(asked)
			}
			for _, want := range test.want {
				if !slices.Contains(r.asked, want) {
					t.Errorf("%s was not asked, only %q", want, r.asked)
				}
			}
			t.Logf("%d requests, %d refused", len(r.asked), len(r.refused))
		})
	}
}

// twoComments doubles the comment of the example, with our marker.
var twoComments = strings.NewReplacer(
	`[{"id":1,`, `[{"id":2,"body":"<!-- netsync:networks --> again","user":{"login":"octocat"}},{"id":1,`,
	`"Me too"`, `"<!-- netsync:networks -->"`,
)

// report reports on a commit with findings and on a pull request, and waits
// until both are told.
func sendReport(t *testing.T, config github.ReporterConfig) {
	t.Helper()
	r, err := github.NewReporter(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.PullRequest(7, sha(7))
	r.Report(github.Report{Commit: sha(1), Findings: findings(1, 1), Live: 3})
	s := r.Status()
	for deadline := time.Now().Add(time.Minute); s.Reports[github.Reported] < 2 && s.Error == "" && time.Now().Before(deadline); s = r.Status() {
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil || s.Reports[github.Reported] < 2 {
		t.Errorf("status %+v, %v", s, err)
	}
}

// refuses reports whether Prism refuses a request that is wrong.
func refuses(t *testing.T, r *recorder, address string) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/repos/o/r/statuses/"+sha(1), strings.NewReader(`{"state":"green"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := r.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusUnprocessableEntity && len(r.refused) == 1
}
