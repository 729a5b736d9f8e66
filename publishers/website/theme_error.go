package website

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// A ThemeError is a mistake in a theme, with the place where it is.
type ThemeError struct {
	File         string // below the theme's folder, with slashes
	Line, Column int    // counted from 1; 0 where the mistake is in no line
	Err          error
	Remedy       string // what to do about it
}

func (e *ThemeError) Error() string { return fmt.Sprintf("theme: %s: %v", e.Place(), e.Err) }

func (e *ThemeError) Unwrap() error { return e.Err }

// Place is file, line and column in the form that editors can follow.
func (e *ThemeError) Place() string {
	switch {
	case e.Line == 0:
		return e.File
	case e.Column == 0:
		return fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
}

// ThemeErrors are all mistakes of a theme that were found, one or more, by
// place.
type ThemeErrors []*ThemeError

// Error tells the first; a log and a status want one line.
func (e ThemeErrors) Error() string {
	if len(e) == 1 {
		return e[0].Error()
	}
	return fmt.Sprintf("%v (and %d more)", e[0], len(e)-1)
}

// Unwrap returns the mistakes for errors.As.
func (e ThemeErrors) Unwrap() []error {
	all := make([]error, len(e))
	for n, mistake := range e {
		all[n] = mistake
	}
	return all
}

// Mistakes returns what an error says of a theme; nil where it has another
// cause.
func Mistakes(err error) ThemeErrors {
	var all ThemeErrors
	if errors.As(err, &all) {
		return all
	}
	var one *ThemeError
	if errors.As(err, &one) {
		return ThemeErrors{one}
	}
	return nil
}

// add gathers a mistake, once.
func (e *ThemeErrors) add(mistake *ThemeError) {
	same := func(other *ThemeError) bool {
		return other.Place() == mistake.Place() && other.Err.Error() == mistake.Err.Error()
	}
	if !slices.ContainsFunc(*e, same) {
		*e = append(*e, mistake)
	}
}

// err is what was gathered, by place; nil where that is nothing.
func (e ThemeErrors) err() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *ThemeError) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return e
}

// saidByTemplates is the form of what the packages for templates say: a name,
// a line, perhaps a column, counted from 0, and what is the matter.
var saidByTemplates = regexp.MustCompile(`^(?:html/)?template: ?([^:]+):(\d+)(?::(\d+))?: (?s:(.*))$`)

// templateError takes the place out of what a package for templates says.
func templateError(err error) (*ThemeError, bool) {
	said := saidByTemplates.FindStringSubmatch(err.Error())
	if said == nil {
		return nil, false
	}
	line, _ := strconv.Atoi(said[2]) // they are digits
	column := 0
	if said[3] != "" {
		column, _ = strconv.Atoi(said[3])
		column++
	}
	message, remedy := plainly(said[4])
	return &ThemeError{"templates/" + said[1], line, column, errors.New(message), remedy}, true
}

// lineOf is the line of an offset, counted from 1.
func lineOf(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(max(0, offset), int64(len(data)))], []byte("\n"))
}

// jsonError takes the place out of what the JSON package says.
func jsonError(file string, data []byte, err error) *ThemeError {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	mistake := &ThemeError{File: file, Err: err, Remedy: `Write one JSON object with the label's key and its words: {"overview": "Our networks"}.`}
	switch {
	case errors.As(err, &syntax):
		mistake.Line = lineOf(data, syntax.Offset-1)
	case errors.As(err, &kind):
		mistake.Line = lineOf(data, kind.Offset-1)
	}
	return mistake
}
