package github

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"
)

// commentMarker is the hidden beginning of our comment on a pull request, by which it
// is found again. A dataset's id that is none is left out, lest it end the
// marker early.
func commentMarker(dataset string) string {
	if !idForm.MatchString(dataset) {
		dataset = ""
	}
	return "<!-- netsync:" + dataset + " -->"
}

var idForm = regexp.MustCompile(`^[a-z0-9-]*$`)

// updateComment keeps one comment on a pull request, with the changes of that. There is
// none if the pull request changes nothing.
func (r *Reporter) updateComment(ctx context.Context, number int, p Pull) (wrote bool, err error) {
	if err := r.findLogin(ctx); err != nil {
		return false, err
	}
	mark := commentMarker(p.Dataset)
	head := mark + "\n### netsync: " + escapeMarkdown(p.formatTitle()) + "\n\n"
	foot := "\n<sub>Commit " + p.Head + ", compared with where it left " + escapeMarkdown(r.config.Ref) + ".</sub>\n"
	body := head + r.formatPull(p, maxText-len(head)-len(foot)) + foot
	ours, err := r.findComments(ctx, number, mark)
	if err != nil {
		return false, err
	}
	if len(ours) == 0 {
		if news, _ := p.newFindings(); len(news) == 0 && len(p.Changes) == 0 && !p.Broken {
			return false, nil
		}
		_, _, err = r.api.Issues.CreateComment(ctx, r.owner, r.name, number, &github.IssueComment{Body: &body})
		return true, wrapError("comment on pull request "+strconv.Itoa(number), err)
	}
	if !sameText(ours[0].GetBody(), body) {
		wrote = true
		if _, _, err := r.api.Issues.EditComment(ctx, r.owner, r.name, ours[0].GetID(), &github.IssueComment{Body: &body}); err != nil {
			return true, wrapError("change the comment on pull request "+strconv.Itoa(number), err)
		}
	}
	for _, extra := range ours[1:] { // of two workers, or of an answer that was lost
		wrote = true
		if _, err := r.api.Issues.DeleteComment(ctx, r.owner, r.name, extra.GetID()); err != nil {
			return true, wrapError("remove a second comment on pull request "+strconv.Itoa(number), err)
		}
	}
	return wrote, nil
}

// maxPages bounds how far a conversation is read. A comment of ours comes
// early in it.
const maxPages = 50

// findComments returns our own comments, oldest first. Anyone may write the marker; only
// ours are changed.
func (r *Reporter) findComments(ctx context.Context, number int, mark string) ([]*github.IssueComment, error) {
	var ours []*github.IssueComment
	o := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: pageSize}}
	for {
		page, answer, err := r.api.Issues.ListComments(ctx, r.owner, r.name, number, o)
		if err != nil {
			return nil, wrapError("read the comments on pull request "+strconv.Itoa(number), err)
		}
		for _, c := range page {
			if strings.HasPrefix(c.GetBody(), mark) && c.GetUser().GetLogin() == r.login && !containsComment(ours, c.GetID()) {
				ours = append(ours, c)
			}
		}
		if answer.NextPage <= o.Page || answer.NextPage > maxPages {
			return ours, nil
		}
		o.Page = answer.NextPage
	}
}

// containsComment reports whether a comment is in the list: while pages are read, one may
// move to the next page.
func containsComment(comments []*github.IssueComment, id int64) bool {
	return slices.ContainsFunc(comments, func(c *github.IssueComment) bool { return c.GetID() == id })
}

// sameText compares what was sent with what GitHub keeps of it.
func sameText(a, b string) bool {
	plain := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return plain(a) == plain(b)
}
