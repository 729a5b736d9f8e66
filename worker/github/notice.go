package github

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"path"
	"strconv"
	"strings"

	"netsync/schema"
	"netsync/schema/shared"
)

// A notice is the text of a status or check run of a commit.
type notice struct {
	Commit   string
	State    state
	Title    string
	Findings []schema.Finding // errors first
	Summary  string           // Markdown
}

// hashContent returns the same value for notices with the same text.
func (n notice) hashContent() string {
	data, err := json.Marshal(n)
	if err != nil {
		return "" // texts and numbers can always be encoded
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// maxText is the maximum length of a summary or comment. GitHub counts characters; we count
// bytes, which are at least as many.
const maxText = 65_535

func (r *Reporter) commitNotice(report Report, shown bool) notice {
	n := notice{Commit: report.Commit, State: stateOf(report.Findings), Title: report.formatTitle(shown), Findings: errorsFirst(report.Findings)}
	if report.Held {
		n.State = failure
	}
	if !shown {
		n.State = pending
	}
	n.Summary = r.formatFindings(n.Commit, n.Findings, maxText)
	if n.Summary == "" {
		n.Summary = "Nothing is wrong with the dataset.\n"
	}
	return n
}

func (r *Reporter) pullNotice(p Pull) notice {
	return notice{Commit: p.Head, State: stateOf(p.After), Title: p.formatTitle(), Findings: errorsFirst(p.After), Summary: r.formatPull(p, maxText)}
}

// formatPull returns the changes of a pull request in Markdown, in at most limit bytes.
func (r *Reporter) formatPull(p Pull, limit int) string {
	var b strings.Builder
	news, known := p.newFindings()
	const share = 3 // findings take at most this part, so that changes have room
	if len(news) > 0 {
		b.WriteString("#### What is wrong\n\n" + r.formatFindings(p.Head, errorsFirst(news), limit/share) + "\n")
	}
	if known > 0 {
		b.WriteString("The branch has " + shared.Plural(known, "finding") + " already, which this pull request does not change.\n\n")
	}
	if stateOf(p.After) == failure && !p.Broken {
		b.WriteString("Records with errors stay at their last good version.\n\n")
	}
	b.WriteString("#### What would change\n\n")
	if p.Broken {
		b.WriteString("The changes are unknown: the manifest, `dataset.yaml`, has errors here or on the branch.\n")
		return b.String()
	}
	b.WriteString(Changes(p.Describer, p.Changes, limit-b.Len()))
	return b.String()
}

// filePath returns the path of a finding's file within the repository.
func (r *Reporter) filePath(f schema.Finding) string { return path.Join(r.config.Path, f.File) }

// fileURL returns the URL at which GitHub shows a finding's place.
func (r *Reporter) fileURL(commit string, f schema.Finding) string {
	segments := strings.Split(r.filePath(f), "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	address := r.home + "/" + r.config.Repository + "/blob/" + commit + "/" + strings.Join(segments, "/")
	if f.Line > 0 {
		address += "#L" + strconv.Itoa(f.Line)
	}
	return address
}
