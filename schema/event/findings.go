package event

import (
	"time"

	"netsync/schema"
)

// A Finding is a finding of the dataset with the time it was first seen.
type Finding struct {
	schema.Finding
	FirstSeen   time.Time `json:"first_seen"`   // by a worker
	FirstCommit string    `json:"first_commit"` // that was read then
}

// Findings is the data of a findings event: all findings of the dataset at a
// commit. An empty list means that there are none.
type Findings struct {
	Commit string `json:"commit"`
	// Findings are the findings; errors first if not all fit.
	Findings []Finding      `json:"findings"`
	Omitted  int            `json:"omitted"` // number of findings that did not fit into the message
	Summary  FindingsCounts `json:"summary"` // of all
	// Held is true if the findings held the whole commit.
	Held bool `json:"held"`
	// Quarantined are the records, as "<collection>/<id>", that keep their last
	// good version, or wait for a first one.
	Quarantined []string `json:"quarantined"`
}

// FindingsCounts counts findings by severity.
type FindingsCounts struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
}

// CountFindings counts findings by severity.
func CountFindings(findings []Finding) FindingsCounts {
	var c FindingsCounts
	for _, f := range findings {
		if f.Severity == schema.Error {
			c.Error++
		} else {
			c.Warning++
		}
	}
	return c
}
