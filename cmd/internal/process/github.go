package process

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"netsync/cmd/internal/ops"
	"netsync/config"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
	"netsync/worker"
	"netsync/worker/git"
	"netsync/worker/github"
)

// A gitHub is the webhook and the reporter of a process with a worker.
type gitHub struct {
	hook     *github.Webhook  // nil without a secret for it
	reporter *github.Reporter // nil if nothing is reported
	pulls    *worker.Pulls
}

// gitHub sets up the webhook and the reporter, as far as they are configured.
func (n *node) gitHub() (gitHub, error) {
	var g gitHub
	if n.worker == nil {
		return g, nil
	}
	if err := n.setReporter(&g); err != nil {
		return g, err
	}
	if n.Config.GitHub.WebhookSecret == "" {
		return g, nil
	}
	var err error
	g.hook, err = github.New(github.Config{
		Secret:      n.Config.GitHub.WebhookSecret.Reveal(),
		Ref:         n.Config.Dataset.Ref,
		Wake:        n.worker.Hint,
		PullRequest: g.pullRequest(n.Config.GitHub.Repository),
		Log:         n.Log.Named("github"),
	})
	return g, err
}

// pullRequest returns a function that passes on the pull requests of one repository:
// an organization's webhook sends those of many.
func (g gitHub) pullRequest(ours string) func(string, int, string) {
	if g.reporter == nil {
		return nil
	}
	return func(repository string, number int, head string) {
		if strings.EqualFold(repository, ours) {
			g.reporter.PullRequest(number, head)
		}
	}
}

func (n *node) setReporter(g *gitHub) error {
	c := n.Config.GitHub
	if c.Report == config.ReportNone {
		return nil
	}
	app, err := appOf(c)
	if err != nil {
		return err
	}
	mirror := n.GitConfig()
	mirror.Dir = filepath.Join(n.Config.DataDir, "pulls.git")
	g.pulls = &worker.Pulls{Git: mirror, Path: n.Config.Dataset.Path, Published: n.worker.Published}
	g.reporter, err = github.NewReporter(github.ReporterConfig{
		Repository: c.Repository,
		APIURL:     c.APIURL,
		Token:      c.Token.Reveal(),
		App:        app,
		Checks:     c.Report == config.ReportChecks || c.Report == config.ReportAuto && app != nil,
		TargetURL:  n.Config.Website.BaseURL + "/status",
		Path:       n.Config.Dataset.Path,
		Ref:        n.Config.Dataset.Ref,
		Compare:    g.compare,
		Log:        n.Log.Named("github"),
		Pace:       n.paces.Of(c.Token.Reveal()),
	})
	n.worker.Report = n.reportPass
	return err
}

func appOf(c config.GitHub) (*github.App, error) {
	if !c.HasApp() {
		return nil, nil
	}
	installation, err := strconv.ParseInt(c.InstallationID, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read github.installation_id: %w", err)
	}
	return &github.App{ID: c.AppID, Installation: installation, PrivateKey: c.PrivateKey.Reveal()}, nil
}

// reportPass passes the result of a pass to the reporter.
func (n *node) reportPass(r worker.Result) {
	report := github.Report{
		Commit:      string(r.Commit),
		Findings:    bareFindings(r.Findings),
		Held:        r.Held,
		Quarantined: len(r.Quarantined),
		Live:        r.Live,
	}
	if len(n.runners) > 0 {
		report.Shown = func(ctx context.Context) error { return n.waitShown(ctx, r.Position.Sequence) }
	}
	n.github.reporter.Report(report)
}

func bareFindings(findings []event.Finding) []schema.Finding {
	all := make([]schema.Finding, len(findings))
	for i, f := range findings {
		all[i] = f.Finding
	}
	return all
}

// compare returns what a pull request would change.
func (g gitHub) compare(ctx context.Context, number int, hint string) (github.Pull, error) {
	head, c, err := g.pulls.Compare(ctx, number, git.CommitID(hint))
	if err != nil {
		return github.Pull{}, err
	}
	return github.Pull{
		Dataset:   c.Dataset,
		Head:      string(head),
		Before:    c.Before,
		After:     c.After,
		Changes:   c.Changes,
		Broken:    c.Broken,
		Describer: story.Describer{Manifest: c.Manifest, State: c.State},
	}, nil
}

// close ends the processes that read pull requests.
func (g gitHub) close() error {
	if g.pulls == nil {
		return nil
	}
	return g.pulls.Close()
}

// addWebhook returns the handlers with the webhook among them.
func (g gitHub) addWebhook(others map[string]http.Handler) map[string]http.Handler {
	if g.hook == nil {
		return others
	}
	all := map[string]http.Handler{"POST /hooks/github": g.hook}
	maps.Copy(all, others)
	return all
}

func (g gitHub) readStatus() *ops.GitHub {
	if g.hook == nil && g.reporter == nil {
		return nil
	}
	var s ops.GitHub
	if g.hook != nil {
		s.Deliveries = g.hook.Deliveries()
	}
	if g.reporter != nil {
		status := g.reporter.Status()
		s.Reporter = &status
	}
	return &s
}
