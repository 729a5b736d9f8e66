package validate

import (
	"netsync/schema"
)

// Caused returns the findings after a change, with errors that were there before as warnings,
// so that one need not correct the work of others first. known is the number of these.
func Caused(before, after []schema.Finding) (findings []schema.Finding, known int) {
	there := make(map[schema.Finding]int)
	for _, f := range before {
		there[withoutPlace(f)]++
	}
	findings = make([]schema.Finding, len(after))
	for i, f := range after {
		key := withoutPlace(f)
		if there[key] > 0 {
			there[key]--
			if f.Severity == schema.Error {
				f.Severity = schema.Warning
				known++
			}
		}
		findings[i] = f
	}
	return findings, known
}

// withoutPlace returns a finding without the fields that change when other lines are edited or
// the file is moved.
func withoutPlace(f schema.Finding) schema.Finding {
	f.Line, f.Column, f.EndLine, f.EndColumn = 0, 0, 0, 0
	f.Remedy = "" // what was meant may depend on other records
	if f.Record != "" {
		f.File = ""
	}
	return f
}
