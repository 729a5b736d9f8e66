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

// A ThemeError is a mistake in a theme, with its place.
type ThemeError struct {
	File         string // slash-separated, below the theme's folder
	Line, Column int    // counted from 1; 0 if unknown
	Err          error
	Remedy       string // how to correct it
}

func (e *ThemeError) Error() string { return fmt.Sprintf("theme: %s: %v", e.Place(), e.Err) }

func (e *ThemeError) Unwrap() error { return e.Err }

// Place returns file, line and column in the form that editors recognize.
func (e *ThemeError) Place() string {
	switch {
	case e.Line == 0:
		return e.File
	case e.Column == 0:
		return fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
}

// ThemeErrors are one or more mistakes in a theme, sorted by place.
type ThemeErrors []*ThemeError

// Error returns the first mistake and the number of others, in one line.
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

// FindThemeErrors returns the mistakes that an error wraps, or nil.
func FindThemeErrors(err error) ThemeErrors {
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

// add adds a mistake that is not in the list.
func (e *ThemeErrors) add(mistake *ThemeError) {
	same := func(other *ThemeError) bool {
		return other.Place() == mistake.Place() && other.Err.Error() == mistake.Err.Error()
	}
	if !slices.ContainsFunc(*e, same) {
		*e = append(*e, mistake)
	}
}

// asError returns the mistakes sorted by place, or nil if there are none.
func (e ThemeErrors) asError() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *ThemeError) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return e
}

// templateErrorPattern matches an error of text/template or html/template:
// name, line, optional column counted from 0, and message.
var templateErrorPattern = regexp.MustCompile(`^(?:html/)?template: ?([^:]+):(\d+)(?::(\d+))?: (?s:(.*))$`)

// parseTemplateError splits a template's error into place and message.
func parseTemplateError(err error) (*ThemeError, bool) {
	match := templateErrorPattern.FindStringSubmatch(err.Error())
	if match == nil {
		return nil, false
	}
	line, _ := strconv.Atoi(match[2]) // they are digits
	column := 0
	if match[3] != "" {
		column, _ = strconv.Atoi(match[3])
		column++
	}
	message, remedy := explainTemplateError(match[4])
	return &ThemeError{"templates/" + match[1], line, column, errors.New(message), remedy}, true
}

// lineAt returns the line of an offset, counted from 1.
func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(max(0, offset), int64(len(data)))], []byte("\n"))
}

// newJSONError returns a JSON error as a ThemeError with its line.
func newJSONError(file string, data []byte, err error) *ThemeError {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	mistake := &ThemeError{File: file, Err: err, Remedy: `Write one JSON object with the label's key and its words: {"overview": "Our networks"}.`}
	switch {
	case errors.As(err, &syntax):
		mistake.Line = lineAt(data, syntax.Offset-1)
	case errors.As(err, &kind):
		mistake.Line = lineAt(data, kind.Offset-1)
	}
	return mistake
}
