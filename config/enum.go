package config

import "slices"

// OnInvalid is the policy for a commit that has a record with errors.
type OnInvalid string

// The policies for invalid records.
const (
	Quarantine OnInvalid = "quarantine" // the record keeps its last good version
	Reject     OnInvalid = "reject"     // the whole commit is held
)

// Values lists the policies.
func (OnInvalid) Values() []string { return []string{string(Quarantine), string(Reject)} }

// Valid reports whether o is one of the policies.
func (o OnInvalid) Valid() bool { return slices.Contains(o.Values(), string(o)) }

// GitHubReport is the form of the reports on GitHub.
type GitHubReport string

// The forms of reports.
const (
	ReportNone   GitHubReport = "none"
	ReportAuto   GitHubReport = "auto"   // checks where there is a GitHub App, status elsewhere
	ReportStatus GitHubReport = "status" // commit statuses
	ReportChecks GitHubReport = "checks" // check runs with annotations
)

// Values lists the forms.
func (GitHubReport) Values() []string {
	return []string{string(ReportNone), string(ReportAuto), string(ReportStatus), string(ReportChecks)}
}

// Valid reports whether r is one of the forms.
func (r GitHubReport) Valid() bool { return slices.Contains(r.Values(), string(r)) }

// Synonyms returns other words for a form: whether to report at all.
func (GitHubReport) Synonyms() map[string]string {
	return map[string]string{"true": string(ReportAuto), "false": string(ReportNone)}
}

// Significance is the importance of a change for readers.
type Significance string

// The significances, from the greatest.
const (
	Major   Significance = "major"
	Minor   Significance = "minor"
	Trivial Significance = "trivial"
)

// Values lists the significances.
func (Significance) Values() []string {
	return []string{string(Major), string(Minor), string(Trivial)}
}

// Valid reports whether s is one of the significances.
func (s Significance) Valid() bool { return slices.Contains(s.Values(), string(s)) }

// LogLevel is the least severe level that is logged.
type LogLevel string

// The levels.
const (
	LevelDebug LogLevel = "debug"
	LevelInfo  LogLevel = "info"
	LevelWarn  LogLevel = "warn"
	LevelError LogLevel = "error"
)

// Values lists the levels.
func (LogLevel) Values() []string {
	return []string{string(LevelDebug), string(LevelInfo), string(LevelWarn), string(LevelError)}
}

// Valid reports whether l is one of the levels.
func (l LogLevel) Valid() bool { return slices.Contains(l.Values(), string(l)) }

// LogFormat is the form of a log line.
type LogFormat string

// The formats.
const (
	FormatAuto    LogFormat = "auto" // console on a terminal, json elsewhere
	FormatJSON    LogFormat = "json"
	FormatConsole LogFormat = "console"
)

// Values lists the formats.
func (LogFormat) Values() []string {
	return []string{string(FormatAuto), string(FormatJSON), string(FormatConsole)}
}

// Valid reports whether f is one of the formats.
func (f LogFormat) Valid() bool { return slices.Contains(f.Values(), string(f)) }
