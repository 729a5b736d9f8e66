package github

import (
	"context"

	"github.com/google/go-github/v60/github"

	"netsync/schema/story"
)

// statusContext is the name of our statuses and check runs.
const statusContext = "netsync"

// maxDescription is what GitHub takes of a status's description.
const maxDescription = 140

// postStatus makes a commit status say what a notice says. GitHub keeps 1,000
// of a context on a commit, so one that says it already is left alone.
func (r *Reporter) postStatus(ctx context.Context, n notice) (wrote bool, err error) {
	want := &github.RepoStatus{
		State:       github.String(string(n.State)),
		Description: github.String(story.Shorten(n.Title, maxDescription)),
		Context:     github.String(statusContext),
	}
	if r.config.TargetURL != "" {
		want.TargetURL = github.String(r.config.TargetURL)
	}
	all, _, err := r.api.Repositories.ListStatuses(ctx, r.owner, r.name, n.Commit, &github.ListOptions{PerPage: pageSize})
	if err != nil {
		return false, wrapError("read the statuses of "+n.Commit, err)
	}
	if has := newestStatus(all); has != nil && has.GetState() == want.GetState() &&
		has.GetDescription() == want.GetDescription() && has.GetTargetURL() == want.GetTargetURL() {
		return false, nil
	}
	_, _, err = r.api.Repositories.CreateStatus(ctx, r.owner, r.name, n.Commit, want)
	return true, wrapError("set the status of "+n.Commit, err)
}

// newestStatus returns our last status; GitHub lists the newest first.
func newestStatus(all []*github.RepoStatus) *github.RepoStatus {
	for _, s := range all {
		if s.GetContext() == statusContext {
			return s
		}
	}
	return nil
}
