package event

import (
	"time"

	"netsync/schema"
)

// A Finding is something wrong with the dataset, and since when.
type Finding struct {
	schema.Finding
	FirstSeen   time.Time `json:"first_seen"`   // by a worker
	FirstCommit string    `json:"first_commit"` // the commit that was read then
}

// Findings is the data of a findings event: all that is wrong with the
// dataset at a commit. An empty list says that all is well again.
type Findings struct {
	Commit string `json:"commit"`
	// Findings are the findings, errors first where not all have room.
	Findings []Finding      `json:"findings"`
	Omitted  int            `json:"omitted"` // findings that had no room in the message
	Summary  FindingsCounts `json:"summary"` // of all
	// Held is true when the commit was held back as a whole because of
	// them.
	Held bool `json:"held"`
	// Quarantined are the records, as "<collection>/<id>", that keep their
	// last good version, or wait for a first one.
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
