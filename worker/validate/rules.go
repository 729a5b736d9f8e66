// Package validate has the rules of a dataset, and writes reports of findings. The same rules
// with the same words apply on a maintainer's machine, in continuous integration and in the
// worker.
package validate

import (
	"strings"

	"netsync/schema"
	"netsync/schema/shared"
	"netsync/worker/yaml"
)

// A Rule is a rule that a dataset must or should follow.
type Rule struct {
	Code     string          `json:"code"` // stable: NS012
	Name     string          `json:"name"` // stable: dangling-reference
	Severity schema.Severity `json:"severity"`
	Summary  string          `json:"summary"` // what the rule asks for
	Remedy   string          `json:"remedy"`  // what to do, where a finding knows nothing better
}

// Suggest returns the code of the rule that a mistyped code or name most likely means, or "".
func Suggest(codeOrName string) string {
	var words []string
	for _, r := range Rules() {
		words = append(words, r.Name)
	}
	return shared.Nearest(codeOrName, words, 1)
}

// Find returns the rule with a code or a name; ok is false if there is none.
func Find(codeOrName string) (r Rule, ok bool) {
	for _, r := range Rules() {
		if strings.EqualFold(r.Code, codeOrName) || r.Name == codeOrName {
			return r, true
		}
	}
	return Rule{}, false
}

// newFinding returns a finding of the rule.
func (r Rule) newFinding(file string, place yaml.Range, record schema.RecordID, pointer, message string) schema.Finding {
	f := schema.Finding{
		Severity: r.Severity, Rule: r.Code, Name: r.Name,
		File: file, Line: place.Line, Column: place.Column, EndLine: place.EndLine, EndColumn: place.EndColumn,
		Pointer: pointer, Message: shortenMessage(message), Remedy: r.Remedy,
	}
	if record != (schema.RecordID{}) {
		f.Record = record.String()
	}
	return f
}

// maxMessage is the maximum length of a message in characters. A message may quote a value,
// which may be a whole file.
const maxMessage = 500

func shortenMessage(message string) string {
	n := 0
	for i := range message {
		if n++; n > maxMessage {
			return message[:i] + "…"
		}
	}
	return message
}
