package github

import (
	"cmp"
	"context"

	"github.com/google/go-github/v60/github"

	"netsync/schema"
	"netsync/schema/story"
)

const (
	// pageSize is the largest page that GitHub lists.
	pageSize = 100
	// batch is the number of annotations that GitHub accepts in one request.
	batch = 50
	// maxAnnotations bounds the annotations of a check run, whose requests are a second
	// apart. The summary counts the rest.
	maxAnnotations = 500
	maxTitle       = 255
)

// postCheck writes a notice as a check run with annotations. It leaves a run with the same
// text alone, and continues an unfinished one after the annotations that it has.
func (r *Reporter) postCheck(ctx context.Context, n notice) (wrote bool, err error) {
	if err := r.findLogin(ctx); err != nil {
		return false, err
	}
	digest := n.hashContent()
	run, err := r.lastRun(ctx, n.Commit)
	if err != nil {
		return false, err
	}
	says := run.GetExternalID() == digest
	if says && (run.GetStatus() == "completed") == (n.State != pending) {
		return false, nil
	}
	annotations, sent := r.makeAnnotations(n.Findings), 0
	if run.GetStatus() != "completed" {
		sent = run.GetOutput().GetAnnotationsCount()
	}
	if run.GetStatus() == "completed" || sent > 0 && !says || sent > len(annotations) {
		run, sent = nil, 0 // it is complete, with another text
	}
	for {
		end := min(sent+batch, len(annotations))
		last := end == len(annotations)
		if n.State == pending { // findings are annotated when the report is final
			end, last = 0, false
		}
		if run, err = r.writeRun(ctx, run, n, digest, annotations[sent:end], last); err != nil {
			return true, err
		}
		if last || n.State == pending {
			return true, nil
		}
		sent = end
	}
}

// lastRun returns our newest check run of a commit, or nil.
func (r *Reporter) lastRun(ctx context.Context, commit string) (*github.CheckRun, error) {
	all, _, err := r.api.Checks.ListCheckRunsForRef(ctx, r.owner, r.name, commit, &github.ListCheckRunsOptions{
		CheckName: github.String(statusContext), Filter: github.String("latest"), ListOptions: github.ListOptions{PerPage: pageSize},
	})
	if err != nil {
		return nil, wrapError("read the check runs of "+commit, err)
	}
	var last *github.CheckRun
	for _, run := range all.CheckRuns {
		if run.GetName() == statusContext && r.isOurs(run.GetApp()) && run.GetID() >= last.GetID() {
			last = run
		}
	}
	return last, nil
}

func (r *Reporter) isOurs(app *github.App) bool { return app.GetSlug()+"[bot]" == r.login }

// writeRun creates a check run, or continues one.
func (r *Reporter) writeRun(ctx context.Context, run *github.CheckRun, n notice, digest string, annotations []*github.CheckRunAnnotation, last bool) (*github.CheckRun, error) {
	output := &github.CheckRunOutput{
		Title:       github.String(story.Shorten(n.Title, maxTitle)),
		Summary:     github.String(n.Summary),
		Annotations: annotations,
	}
	status, conclusion := "in_progress", (*string)(nil)
	if last {
		status, conclusion = "completed", github.String(string(n.State))
	}
	var details *string
	if r.config.TargetURL != "" {
		details = github.String(r.config.TargetURL)
	}
	if run == nil {
		run, _, err := r.api.Checks.CreateCheckRun(ctx, r.owner, r.name, github.CreateCheckRunOptions{
			Name: statusContext, HeadSHA: n.Commit, DetailsURL: details, ExternalID: &digest,
			Status: &status, Conclusion: conclusion, Output: output,
		})
		return run, wrapError("begin a check run of "+n.Commit, err)
	}
	run, _, err := r.api.Checks.UpdateCheckRun(ctx, r.owner, r.name, run.GetID(), github.UpdateCheckRunOptions{
		Name: statusContext, DetailsURL: details, ExternalID: &digest,
		Status: &status, Conclusion: conclusion, Output: output,
	})
	return run, wrapError("go on with the check run of "+n.Commit, err)
}

// makeAnnotations returns the findings that GitHub shows at their lines, as plain text.
func (r *Reporter) makeAnnotations(findings []schema.Finding) []*github.CheckRunAnnotation {
	var all []*github.CheckRunAnnotation
	for _, f := range findings[:min(len(findings), maxAnnotations)] {
		level := "warning"
		if f.Severity == schema.Error {
			level = "failure"
		}
		start := max(f.Line, 1)
		a := &github.CheckRunAnnotation{
			Path:            github.String(r.filePath(f)),
			StartLine:       github.Int(start),
			EndLine:         github.Int(max(f.EndLine, start)),
			AnnotationLevel: github.String(level),
			Title:           github.String(f.Rule + " " + f.Name),
			Message:         github.String(story.Shorten(f.Message+". "+f.Remedy, messageLength)),
		}
		if a.GetEndLine() == start && f.Column > 0 { // GitHub accepts columns within one line only
			a.StartColumn, a.EndColumn = github.Int(f.Column), github.Int(max(cmp.Or(f.EndColumn, f.Column), f.Column))
		}
		all = append(all, a)
	}
	return all
}
