package config

import "strconv"

// Source is the kind of an origin.
type Source string

// The sources, from the weakest to the strongest.
const (
	FromDefault     Source = "default"
	FromFile        Source = "file"
	FromEnvironment Source = "environment"
)

// Origin is the place where a value was set.
type Origin struct {
	Source   Source
	File     string // with FromFile
	Line     int    // with FromFile
	Column   int    // with FromFile
	Variable string // with FromEnvironment
}

// String returns a text for a comment at the end of a line.
func (o Origin) String() string {
	switch o.Source {
	case FromFile:
		return o.File + ":" + strconv.Itoa(o.Line)
	case FromEnvironment:
		return o.Variable
	default:
		return string(o.Source)
	}
}

// newError returns the error of a check with the place of the value.
func (o Origin) newError(key string, f fault) *Error {
	e := &Error{File: o.File, Line: o.Line, Column: o.Column, Key: key, Problem: f.problem, Remedy: f.remedy}
	if o.Source == FromEnvironment {
		e.Key = o.Variable
	}
	return e
}
