package github_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"netsync/schema"
	"netsync/worker/github"
	"netsync/worker/github/githubtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sha makes a commit's name out of a number.
func sha(n int) string { return fmt.Sprintf("%040x", n) }

// A fixture is a reporter that runs on a GitHub of its own, with a clock of
// its own: waiting takes no time.
type fixture struct {
	*github.Reporter
	github *githubtest.Server
	t      *testing.T
	stop   func()
}

func inBubble(t *testing.T, adapt func(*github.ReporterConfig, *githubtest.Server), story func(f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{github: &githubtest.Server{Login: "netsync-bot"}, t: t}
		f.start(adapt)
		defer func() { f.stop() }()
		story(f)
	})
}

// start runs a reporter; a second one stands for the next process.
func (f *fixture) start(adapt func(*github.ReporterConfig, *githubtest.Server)) {
	config := github.ReporterConfig{
		Repository: "o/r", Token: "secret", TargetURL: "https://networks.example.org/status", Ref: "main",
		Log: zap.NewNop(), Transport: f.github,
	}
	if adapt != nil {
		adapt(&config, f.github)
	}
	var err error
	if f.Reporter, err = github.NewReporter(config); err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(f.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	f.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			f.t.Errorf("Run: %v", err)
		}
		f.stop = func() {}
	}
}

// pass lets time go by.
func (f *fixture) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// writes are the requests so far that were to change something.
func (f *fixture) writes() []githubtest.Request {
	return slices.DeleteFunc(f.github.Requests(), func(r githubtest.Request) bool { return !r.Writes() })
}

func finding(severity schema.Severity, n int) schema.Finding {
	return schema.Finding{
		Severity: severity, Rule: "NS008", Name: "unknown-key", File: "networks/leru.yaml", Line: n, Column: 3, EndLine: n, EndColumn: 7,
		Record: "networks/leru", Pointer: fmt.Sprintf("/x%d", n), Message: fmt.Sprintf("the key %d is not known here", n), Remedy: "Take it out.",
	}
}

func findings(errors, warnings int) []schema.Finding {
	var all []schema.Finding
	for i := range errors {
		all = append(all, finding(schema.Error, i+1))
	}
	for i := range warnings {
		all = append(all, finding(schema.Warning, i+1))
	}
	return all
}

func TestACommitGetsAStatusInWords(t *testing.T) {
	t.Parallel()
	shown := func(context.Context) error { return nil }
	for _, test := range []struct {
		report github.Report
		want   string
	}{
		{github.Report{}, "success: no errors; nothing changed"},
		{github.Report{Live: 1, Shown: shown}, "success: no errors; 1 change live"},
		{github.Report{Live: 3, Findings: findings(2, 1), Quarantined: 2, Shown: shown}, "failure: 2 errors, 1 warning; 3 changes live, 2 records at the last good version"},
		{github.Report{Live: 3, Findings: findings(0, 2)}, "success: no errors, 2 warnings; 3 changes published"},
		{github.Report{Held: true, Findings: findings(1, 0)}, "failure: 1 error; the commit is held back"},
	} {
		inBubble(t, nil, func(f *fixture) {
			test.report.Commit = sha(1)
			f.Report(test.report)
			f.pass(0)
			all := f.github.Statuses(sha(1))
			if len(all) != 1 || all[0].State+": "+all[0].Description != test.want || all[0].Context != "netsync" || all[0].TargetURL != "https://networks.example.org/status" {
				t.Errorf("statuses %+v, want %s", all, test.want)
			}
		})
	}
}

func TestWhatStandsThereIsNotSaidAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(f *fixture) {
		for range 10 { // passes of the worker
			f.Report(github.Report{Commit: sha(1), Live: 1})
			f.pass(time.Minute)
		}
		if n := len(f.github.Requests()); n != 2 {
			t.Errorf("%d requests, not one that reads and one that writes", n)
		}
		f.stop()
		f.start(nil)
		f.Report(github.Report{Commit: sha(1), Live: 1})
		f.pass(time.Minute)
		if n := f.Status().Reports; len(f.writes()) != 1 || n[github.Unchanged] != 1 {
			t.Errorf("the next process wrote again: %v", f.github.Requests())
		}
		f.Report(github.Report{Commit: sha(1), Live: 1, Findings: findings(1, 0)})
		f.pass(time.Minute)
		if all := f.github.Statuses(sha(1)); len(all) != 2 || all[1].State != "failure" {
			t.Errorf("what changed was not said: %+v", all)
		}
	})
}

func TestAReadIsOnConditionThatSomethingChanged(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(f *fixture) {
		f.Report(github.Report{Commit: sha(1)})
		f.pass(time.Minute)
		f.Report(github.Report{Commit: sha(1), Live: 1})
		f.pass(time.Minute)
		f.Report(github.Report{Commit: sha(1), Live: 2, Findings: findings(1, 0)})
		f.pass(time.Minute)
		var codes []int
		for _, r := range f.github.Requests() {
			codes = append(codes, r.Status)
		}
		if fmt.Sprint(codes) != "[200 201 200 201 200 201]" {
			t.Errorf("answers %v", codes)
		}
		f.github.Fail = func(w http.ResponseWriter, r *http.Request) bool { // the write is lost
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusBadGateway)
			}
			return r.Method == http.MethodPost
		}
		f.Report(github.Report{Commit: sha(1), Held: true})
		f.pass(3 * time.Second)
		last := f.github.Requests()[6:]
		if last[0].Status != 200 || last[2].Status != http.StatusNotModified {
			t.Errorf("answers %+v", last)
		}
	})
}

func TestWritesAreASecondApart(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(f *fixture) {
		for i := range 20 {
			f.Report(github.Report{Commit: sha(i)})
		}
		f.pass(time.Minute)
		writes := f.writes()
		if len(writes) != 20 {
			t.Fatalf("%d writes", len(writes))
		}
		for i := range writes[1:] {
			if d := writes[i+1].At.Sub(writes[i].At); d < time.Second {
				t.Errorf("write %d came %s after the one before", i+1, d)
			}
		}
		for i := range writes[2:] { // the first one went before the others were there
			if writes[i+2].Path > writes[i+1].Path {
				t.Errorf("%s came before the newer %s", writes[i+1].Path, writes[i+2].Path)
			}
		}
	})
}

func TestGitHubIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(w http.ResponseWriter)
		least  time.Duration
	}{
		"retry-after": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusForbidden)
		}, 90 * time.Second},
		"secondary limit": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"You have exceeded a secondary rate limit","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`)
		}, time.Minute},
		"secondary limit that says nothing more": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"documentation_url":"https://docs.github.com/free-pro-team@latest/rest/overview/resources-in-the-rest-api#secondary-rate-limits"}`)
		}, time.Minute},
		"secondary limit with retry-after": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "75")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"documentation_url":"https://docs.github.com/x#secondary-rate-limits"}`)
		}, 75 * time.Second},
		"primary limit": {func(w http.ResponseWriter) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", fmt.Sprint(time.Now().Add(40*time.Minute).Unix()))
			w.WriteHeader(http.StatusForbidden)
		}, 40 * time.Minute},
		"primary limit by 429": {func(w http.ResponseWriter) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", fmt.Sprint(time.Now().Add(20*time.Minute).Unix()))
			w.WriteHeader(http.StatusTooManyRequests)
		}, 20 * time.Minute},
		"429": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 30 * time.Second},
		"503": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, nil, func(f *fixture) {
				refused := false
				f.github.Fail = func(w http.ResponseWriter, r *http.Request) bool {
					if refused || r.Method == http.MethodGet {
						return false
					}
					refused = true
					test.answer(w)
					return true
				}
				f.Report(github.Report{Commit: sha(1)})
				f.pass(0)
				f.Report(github.Report{Commit: sha(2)}) // another report must wait as well
				f.pass(test.least - time.Second)
				if n := len(f.github.Requests()); n != 2 {
					t.Fatalf("%d requests within the pause", n)
				}
				if s := f.Status(); s.Error == "" || s.Waiting != 2 {
					t.Errorf("status %+v", s)
				}
				f.pass(70 * time.Second)
				if len(f.github.Statuses(sha(1))) != 1 || len(f.github.Statuses(sha(2))) != 1 {
					t.Error("what waited was not said")
				}
				if s := f.Status(); s.Error != "" || s.Waiting != 0 || s.Reports[github.Retried] != 1 || s.Reports[github.Reported] != 2 {
					t.Errorf("status %+v", s)
				}
			})
		})
	}
}

func TestABadGatewayIsTriedAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(f *fixture) {
		failures := 3
		f.github.Fail = func(w http.ResponseWriter, _ *http.Request) bool {
			if failures--; failures < 0 {
				return false
			}
			http.Error(w, "<html>502 Bad Gateway</html>", http.StatusBadGateway)
			return true
		}
		f.Report(github.Report{Commit: sha(1)})
		f.pass(time.Minute)
		if s := f.Status(); len(f.github.Statuses(sha(1))) != 1 || s.Reports[github.Retried] != 3 || s.Error != "" {
			t.Errorf("status %+v", s)
		}
	})
}

func TestWhileGitHubIsDownSyncsGoOnAndReportsFollow(t *testing.T) {
	t.Parallel()
	var compared atomic.Int32
	adapt := func(c *github.ReporterConfig, _ *githubtest.Server) {
		c.Compare = func(_ context.Context, _ int, hint string) (github.Pull, error) {
			compared.Add(1)
			return github.Pull{Dataset: "networks", Head: hint, After: findings(1, 0)}, nil
		}
	}
	inBubble(t, adapt, func(f *fixture) {
		f.github.SetDown(true)
		for i := range 120 { // two hours of passes; each commit is looked at twice
			begun := time.Now()
			f.Report(github.Report{Commit: sha(i / 2), Live: i})
			f.PullRequest(1, sha(1000+i))
			if took := time.Since(begun); took > 0 {
				t.Fatalf("pass %d waited for GitHub for %s", i, took)
			}
			f.pass(time.Minute)
		}
		if s := f.Status(); s.Error == "" || time.Since(s.Failing) < 119*time.Minute || s.Reports[github.Reported] != 0 || s.Waiting != 61 {
			t.Errorf("status while GitHub is down: %+v", s)
		}
		if tries := f.Status().Reports[github.Retried]; tries > 60 {
			t.Errorf("GitHub was tried %d times in two hours", tries)
		}
		before := compared.Load()
		f.github.SetDown(false)
		f.pass(10 * time.Minute)
		for i := range 60 {
			if all := f.github.Statuses(sha(i)); len(all) != 1 || !strings.Contains(all[0].Description, fmt.Sprintf("%d changes", 2*i+1)) && i > 0 {
				t.Errorf("commit %d has the statuses %+v", i, all)
			}
		}
		if n := compared.Load() - before; n != 1 || len(f.github.Statuses(sha(1119))) != 1 || len(f.github.Statuses(sha(1000))) != 0 || len(f.github.Comments(1)) != 1 {
			t.Errorf("the pull request was compared %d times; comments %+v", n, f.github.Comments(1))
		}
		if s := f.Status(); s.Error != "" || s.Waiting != 0 || s.Reports[github.Superseded] < 119 {
			t.Errorf("status afterwards: %+v", s)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWhatGitHubDoesNotTakeIsGivenUp(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(f *fixture) {
		f.github.Fail = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, sha(1)) {
				return false
			}
			http.Error(w, `{"message":"No commit found for SHA"}`, http.StatusUnprocessableEntity)
			return true
		}
		for range 180 {
			f.Report(github.Report{Commit: sha(1)})
			f.pass(time.Minute)
		}
		s := f.Status()
		if s.Reports[github.GivenUp] != 1 || s.Reports[github.Retried] != 7 || s.Waiting != 0 {
			t.Errorf("status %+v", s)
		}
		f.Report(github.Report{Commit: sha(2)})
		f.pass(0)
		if len(f.github.Statuses(sha(2))) != 1 || f.Status().Error != "" {
			t.Errorf("another report did not go through: %+v", f.Status())
		}
	})
}

func TestAStatusWaitsUntilTheChannelsShowTheCommit(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(f *fixture) {
		report := github.Report{Commit: sha(1), Live: 2, Shown: notBefore(time.Now().Add(time.Minute))}
		f.Report(report)
		f.Report(github.Report{Commit: sha(2)})
		f.pass(20 * time.Second)
		if all := f.github.Statuses(sha(1)); len(all) != 1 || all[0].State != "pending" || all[0].Description != "no errors; 2 changes on the way" {
			t.Errorf("statuses %+v", all)
		}
		if len(f.github.Statuses(sha(2))) != 1 || f.Status().Error != "" {
			t.Errorf("another commit had to wait: %+v", f.Status())
		}
		f.Report(report) // the worker's next pass
		f.pass(5 * time.Minute)
		if all := f.github.Statuses(sha(1)); len(all) != 2 || all[1].State != "success" || all[1].Description != "no errors; 2 changes live" {
			t.Errorf("statuses %+v", all)
		}
	})
}

// notBefore waits for the channels to show what they show at a time.
func notBefore(at time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-time.After(time.Until(at)):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestAtTheEndWhatIsLeftIsSaid(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(f *fixture) {
		for i := range 4 { // a second apart
			f.Report(github.Report{Commit: sha(i)})
		}
		f.stop()
		if n := len(f.writes()); n != 4 {
			t.Errorf("%d reports of 4 were made", n)
		}
	})
}

func TestTheEndDoesNotWaitForAGitHubThatHangs(t *testing.T) {
	t.Parallel()
	inBubble(t, func(c *github.ReporterConfig, _ *githubtest.Server) {
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
	}, func(f *fixture) {
		f.Report(github.Report{Commit: sha(1)})
		synctest.Wait()
		begun := time.Now()
		f.stop()
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("the end took %s", took)
		}
	})
}

func TestTheTokenIsShownToNobodyElse(t *testing.T) {
	t.Parallel()
	inBubble(t, func(c *github.ReporterConfig, s *githubtest.Server) {
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != "api.github.com" {
				t.Errorf("a request went to %s with %v", r.URL, r.Header)
			}
			if got := r.Header.Get("Authorization"); got != "Bearer secret" {
				t.Errorf("Authorization %q", got)
			}
			return s.RoundTrip(r)
		})
		s.Fail = func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
			return true
		}
	}, func(f *fixture) {
		f.Report(github.Report{Commit: sha(1)})
		f.pass(time.Minute)
	})
}

func TestAReporterThatCannotReportIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]github.ReporterConfig{
		"no repository":       {Token: "x", Log: zap.NewNop()},
		"half a repository":   {Repository: "o", Token: "x", Log: zap.NewNop()},
		"a path":              {Repository: "o/r/../../x", Token: "x", Log: zap.NewNop()},
		"nobody":              {Repository: "o/r", Log: zap.NewNop()},
		"checks by a token":   {Repository: "o/r", Token: "x", Checks: true, Log: zap.NewNop()},
		"an App without key":  {Repository: "o/r", App: &github.App{ID: "1", Installation: 2}, Log: zap.NewNop()},
		"an API that is none": {Repository: "o/r", Token: "x", APIURL: "x", Log: zap.NewNop()},
	} {
		if _, err := github.NewReporter(c); err == nil {
			t.Errorf("%s: it was made", name)
		}
	}
}
