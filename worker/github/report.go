package github

import (
	"context"
	"fmt"
	"strings"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/story"
)

// A Report describes what became of a commit of the branch.
type Report struct {
	Commit      string
	Findings    []schema.Finding
	Held        bool // the commit is held back as a whole
	Quarantined int  // records that keep their last good version
	Live        int  // records that the commit changed
	// Shown returns when every channel shows what the commit changed. It is nil if this
	// process does not know.
	Shown func(context.Context) error
}

// A Pull describes what a pull request would change.
type Pull struct {
	Dataset string // its id
	Head    string // the commit that was compared
	// Before and After are the findings of the branch and of the head.
	Before, After []schema.Finding
	Changes       []*event.Change
	// Broken is set if one of the two has no usable manifest. Then the changes are unknown.
	Broken    bool
	Describer story.Describer
}

// state is a state that GitHub shows as a colour.
type state string

const (
	success state = "success"
	failure state = "failure"
	pending state = "pending"
)

func stateOf(findings []schema.Finding) state {
	if schema.Summarize(findings, 0).Errors > 0 {
		return failure
	}
	return success
}

// formatTitle returns a short title: "2 errors, 1 warning; 3 changes live".
func (r Report) formatTitle(shown bool) string {
	parts := []string{"nothing changed"}
	switch {
	case r.Held:
		parts = []string{"the commit is held back"}
	case r.Live > 0 && !shown:
		parts = []string{shared.Plural(r.Live, "change") + " on the way"}
	case r.Live > 0 && r.Shown != nil:
		parts = []string{shared.Plural(r.Live, "change") + " live"}
	case r.Live > 0:
		parts = []string{shared.Plural(r.Live, "change") + " published"}
	}
	if !r.Held && r.Quarantined > 0 {
		parts = append(parts, shared.Plural(r.Quarantined, "record")+" at the last good version")
	}
	return countWords(r.Findings) + "; " + strings.Join(parts, ", ")
}

func (p Pull) formatTitle() string {
	switch {
	case p.Broken:
		return countWords(p.After) + "; the manifest cannot be used"
	case len(p.Changes) == 0:
		return countWords(p.After) + "; nothing would change"
	}
	return countWords(p.After) + "; " + shared.Plural(len(p.Changes), "record") + " would change"
}

// countWords returns counts in words: "2 errors, 1 warning", or "no errors".
func countWords(findings []schema.Finding) string {
	s := schema.Summarize(findings, 0)
	words := "no errors"
	if s.Errors > 0 {
		words = shared.Plural(s.Errors, "error")
	}
	if s.Warnings > 0 {
		words += ", " + shared.Plural(s.Warnings, "warning")
	}
	return words
}

// newFindings returns the findings of the head that the branch does not have, and how
// many it shares with it. Places do not count: they move with what is above.
func (p Pull) newFindings() (news []schema.Finding, common int) {
	known := make(map[schema.Finding]int)
	for _, f := range p.Before {
		known[withoutPlace(f)]++
	}
	for _, f := range p.After {
		if known[withoutPlace(f)] > 0 {
			known[withoutPlace(f)]--
			common++
			continue
		}
		news = append(news, f)
	}
	return news, common
}

func withoutPlace(f schema.Finding) schema.Finding {
	f.Line, f.Column, f.EndLine, f.EndColumn = 0, 0, 0, 0
	return f
}

// formatFindings returns findings as a list, in at most limit bytes.
func (r *Reporter) formatFindings(commit string, findings []schema.Finding, limit int) string {
	return joinUpTo(len(findings), func(i int) string {
		f := findings[i]
		return fmt.Sprintf("- **%s** in [%s](%s): %s (%s %s). %s\n", f.Severity, escapeMarkdown(fmt.Sprintf("%s:%d", f.File, f.Line)), r.fileURL(commit, f),
			escapeMarkdown(story.Shorten(f.Message, messageLength)), f.Rule, f.Name, escapeMarkdown(story.Shorten(f.Remedy, messageLength)))
	}, limit, "finding")
}

func errorsFirst(findings []schema.Finding) []schema.Finding {
	var first, then []schema.Finding
	for _, f := range findings {
		if f.Severity == schema.Error {
			first = append(first, f)
		} else {
			then = append(then, f)
		}
	}
	return append(first, then...)
}
