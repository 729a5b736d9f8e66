package validate

import (
	"io"
	"net/url"
	"path"

	"netsync/schema"
)

// writeSARIF writes the Static Analysis Results Interchange Format 2.1.0
// (OASIS), which GitHub's code scanning and many editors read.
func (r Report) writeSARIF(w io.Writer) error {
	results := make([]sarifResult, 0, len(r.Findings))
	for _, f := range r.Findings {
		results = append(results, sarifResultOf(path.Join(r.Prefix, f.File), f))
	}
	return encode(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool:       sarifTool{sarifDriver{Name: "netsync", Rules: sarifRules()}},
			Results:    results,
			ColumnKind: "unicodeCodePoints",
		}},
	})
}

type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		Results    []sarifResult `json:"results"`
		ColumnKind string        `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		Name             string    `json:"name"`
		ShortDescription sarifText `json:"shortDescription"`
		Help             sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     schema.Severity `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		PhysicalLocation struct {
			ArtifactLocation struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region sarifRegion `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

func sarifRules() []sarifRule {
	rules := make([]sarifRule, 0, len(Rules()))
	for _, rule := range Rules() {
		rules = append(rules, sarifRule{rule.Code, rule.Name, sarifText{rule.Summary}, sarifText{rule.Remedy}})
	}
	return rules
}

func sarifResultOf(file string, f schema.Finding) sarifResult {
	var at sarifLocation
	at.PhysicalLocation.ArtifactLocation.URI = fileURI(file)
	at.PhysicalLocation.Region = sarifRegion{f.Line, f.Column, f.EndLine, f.EndColumn}
	return sarifResult{
		RuleID:    f.Rule,
		Level:     f.Severity,
		Message:   sarifText{f.Message + ". " + f.Remedy},
		Locations: []sarifLocation{at},
	}
}

// fileURI makes a relative reference (RFC 3986 §4.2) of a file's name.
func fileURI(name string) string { return (&url.URL{Path: name}).String() }
