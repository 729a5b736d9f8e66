package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"
	"go.uber.org/zap"

	"netsync/schema/shared/githubapi"
)

// A ReporterConfig is the configuration of a Reporter.
type ReporterConfig struct {
	Repository string // owner/name
	APIURL     string // "" means https://api.github.com
	Token      string // a secret; not needed with an App
	App        *App   // nil to report with the token
	Checks     bool   // check runs with annotations, which need an App; otherwise commit statuses
	TargetURL  string // the link of statuses; may be ""
	Path       string // folder of the dataset in the repository; "" is the root
	Ref        string // the branch
	// Compare returns what a pull request would change. The hint is a head that it should
	// have, or "". It is nil if pull requests are not reported on.
	Compare func(ctx context.Context, number int, hint string) (Pull, error)
	Log     *zap.Logger
	// Transport makes requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Pace is shared by all users of the token; nil means a new one.
	Pace *githubapi.Pace
}

// Validate returns an error for a missing setting.
func (c ReporterConfig) Validate() error {
	owner, name, _ := strings.Cut(c.Repository, "/")
	switch {
	case owner == "" || name == "" || strings.ContainsAny(name, "/?#") || strings.ContainsAny(owner, "?#"):
		return fmt.Errorf("github: %q is no repository; set github.repository to owner/name", c.Repository)
	case c.Token == "" && c.App == nil:
		return errors.New("github: reports need a token or an App; set github.token")
	case c.Checks && c.App == nil:
		return errors.New("github: check runs need an App; set github.app_id or report by status")
	case c.Log == nil:
		return errors.New("github: a reporter needs a log")
	}
	return nil
}

// A Reporter reports findings and changes of commits and pull requests to GitHub.
//
// Before it writes, it reads what GitHub has, and leaves a correct report alone. While
// GitHub is down or asks for a pause, reports wait, and a newer one on the same commit or
// pull request replaces an older one. Reports that wait when the process ends are not
// lost: the next process begins with the tip of the branch and the open pull requests.
type Reporter struct {
	config      ReporterConfig
	owner, name string
	home        string // URL of the repository's host for people
	api         *github.Client
	app         *github.Client // authenticates as the App; nil without one
	login       string         // our login; "" if it is not known yet

	counts counts[ReportOutcome]
	news   chan struct{}
	mu     sync.Mutex // guards the fields below
	queue  queue
	quiet  time.Time // no report before this time
	pause  time.Duration
	failed error
	since  time.Time
}

// NewReporter returns a reporter. Run starts it.
func NewReporter(c ReporterConfig) (*Reporter, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.Ref = strings.TrimPrefix(c.Ref, "refs/heads/")
	base, err := url.Parse(strings.TrimSuffix(cmp.Or(c.APIURL, "https://api.github.com"), "/") + "/")
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("github: %q is not the address of an API; set github.api_url", c.APIURL)
	}
	r := &Reporter{config: c, home: homeOf(base), news: make(chan struct{}, 1)}
	r.owner, r.name, _ = strings.Cut(c.Repository, "/")
	return r, r.newClients(base)
}

// homeOf returns the URL for people that belongs to the URL of an API.
func homeOf(api *url.URL) string {
	if api.Host == "api.github.com" {
		return "https://github.com"
	}
	return api.Scheme + "://" + api.Host
}

// newClients creates the clients, which share one pace.
func (r *Reporter) newClients(base *url.URL) error {
	pace := r.config.Pace
	if pace == nil {
		pace = new(githubapi.Pace)
	}
	answers := new(kept)
	client := func(by credential) *github.Client {
		next := &githubapi.Transport{
			Base: r.config.Transport, Host: base.Host, Authorize: by.authHeader,
			Pace: pace, Timeout: requestLimit, MaxAnswer: maxAnswer,
		}
		c := github.NewClient(&http.Client{Transport: &transport{next, by, answers}})
		c.BaseURL, c.UserAgent = base, "netsync"
		return c
	}
	if r.config.App == nil {
		r.api = client(token(r.config.Token))
		return nil
	}
	key, err := parseKey(r.config.App.PrivateKey)
	if err != nil {
		return err
	}
	r.app = client(appKey{r.config.App.ID, key})
	r.api = client(&installation{app: r.app, id: r.config.App.Installation})
	return nil
}

// Report requests a report on a commit of the branch. It does not block.
func (r *Reporter) Report(report Report) {
	shown := report.Shown == nil || report.Live == 0
	r.addJob(&job{
		key:    "commit " + report.Commit,
		digest: r.commitNotice(report, true).hashContent(),
		do:     func(ctx context.Context, _ *job) (bool, error) { return r.reportCommit(ctx, report, shown) },
	})
}

// PullRequest requests a report on a pull request, which has this head or a later one. It
// does not block.
func (r *Reporter) PullRequest(number int, head string) {
	if r.config.Compare == nil {
		return
	}
	r.addJob(&job{
		key:    fmt.Sprintf("pull request %d", number),
		digest: head,
		do:     func(ctx context.Context, j *job) (bool, error) { return r.reportPull(ctx, j, number, head) },
	})
}

func (r *Reporter) addJob(j *job) {
	j.since = time.Now()
	r.mu.Lock()
	gone := r.queue.addJob(j)
	r.mu.Unlock()
	if gone != nil {
		r.counts.add(Superseded)
	}
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// errNotShown is returned if a report has to wait for the channels.
var errNotShown = errors.New("the channels do not show it yet")

// shownWait is the time after which a report is written although the channels do not show
// its changes yet; it is written again later.
const shownWait = 5 * time.Second

func (r *Reporter) reportCommit(ctx context.Context, report Report, shown bool) (wrote bool, err error) {
	if !shown {
		wait, cancel := context.WithTimeout(ctx, shownWait)
		shown = report.Shown(wait) == nil
		cancel()
	}
	if wrote, err = r.postNotice(ctx, r.commitNotice(report, shown)); err == nil && !shown {
		err = errNotShown
	}
	return wrote, err
}

// patience is the number of times that a pull request is read while its head is not the
// expected one, which may have been replaced.
const patience = 4

// compareLimit is the time limit for fetching and comparing a pull request, which may be
// of any size.
const compareLimit = 5 * time.Minute

func (r *Reporter) reportPull(ctx context.Context, j *job, number int, head string) (bool, error) {
	if j.tries >= patience {
		head = ""
	}
	wait, cancel := context.WithTimeout(ctx, compareLimit)
	defer cancel()
	p, err := r.config.Compare(wait, number, head)
	if err != nil {
		return false, err
	}
	posted, err := r.postNotice(ctx, r.pullNotice(p))
	if err != nil {
		return posted, err
	}
	commented, err := r.updateComment(ctx, number, p)
	return posted || commented, err
}

// postNotice reports a notice on its commit, in the configured form.
func (r *Reporter) postNotice(ctx context.Context, n notice) (bool, error) {
	if r.config.Checks {
		return r.postCheck(ctx, n)
	}
	return r.postStatus(ctx, n)
}

// findLogin returns the login of the token. The token of a workflow may not ask for it, and
// always belongs to the same bot.
func (r *Reporter) findLogin(ctx context.Context) error {
	if r.login != "" {
		return nil
	}
	if r.app != nil {
		app, _, err := r.app.Apps.Get(ctx, "")
		if err == nil {
			r.login = app.GetSlug() + "[bot]"
		}
		return wrapError("ask which GitHub App we are", err)
	}
	user, answer, err := r.api.Users.Get(ctx, "")
	if fault, _ := classifyError(err); err != nil && fault == rejected && answer.StatusCode == http.StatusForbidden {
		r.login = "github-actions[bot]"
		return nil
	}
	r.login = user.GetLogin()
	return wrapError("ask who we are", err)
}
