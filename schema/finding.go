package schema

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity is whether a finding prevents a record from being published.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Finding is one error or warning about a dataset, with its place and a
// remedy. Lines and columns count from 1; columns count characters.
type Finding struct {
	Severity  Severity `json:"severity"`
	Rule      string   `json:"rule"` // stable code: NS012
	Name      string   `json:"name"` // dangling-reference
	File      string   `json:"file"` // relative to the dataset
	Line      int      `json:"line"`
	Column    int      `json:"column"`
	EndLine   int      `json:"end_line"`
	EndColumn int      `json:"end_column"`
	Record    string   `json:"record"`  // networks/una-europa, or "" for the manifest
	Pointer   string   `json:"pointer"` // RFC 6901
	Message   string   `json:"message"`
	Remedy    string   `json:"remedy"`
}

// String returns the finding on one line, in the form that editors can follow.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d:%d: %s %s %s: %s", f.File, f.Line, f.Column, f.Severity, f.Rule, f.Name, f.Message)
}

// Summary counts findings.
type Summary struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Files    int `json:"files"`
}

// Summarize counts findings by severity; files is the number of files read.
func Summarize(findings []Finding, files int) Summary {
	s := Summary{Files: files}
	for _, f := range findings {
		if f.Severity == Error {
			s.Errors++
		} else {
			s.Warnings++
		}
	}
	return s
}

// SortFindings sorts by file, place and rule.
func SortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Pointer, b.Pointer),
			cmp.Compare(a.Message, b.Message),
		)
	})
}
