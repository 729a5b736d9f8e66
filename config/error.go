package config

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Error is one problem of the configuration. It never quotes the value of a secret.
type Error struct {
	File    string // the configuration file; empty where the environment is at fault
	Line    int    // from 1; 0 where no line is at fault
	Column  int    // from 1, in characters; 0 like Line
	Key     string // "http.listen", or the name of an environment variable
	Problem string // what is wrong, to be read after the key
	Remedy  string // what to do about it

	cause error
}

// Error has the form "file:line:column: key: problem; remedy", without the
// parts that are not known.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			b.WriteString(":" + strconv.Itoa(e.Line))
		}
		if e.Line > 0 && e.Column > 0 {
			b.WriteString(":" + strconv.Itoa(e.Column))
		}
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Problem)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// Unwrap returns the error of the file system, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// fault is a problem of a value, without the origin of the value.
type fault struct{ problem, remedy string }

// problems collects all problems of a configuration.
type problems []*Error

func (p *problems) add(e *Error) { *p = append(*p, e) }

// join returns the problems as one error: those of the file by line, then
// those of the environment by name; nil if there are none.
func (p problems) join() error {
	slices.SortStableFunc(p, func(a, b *Error) int {
		return cmp.Or(
			strings.Compare(b.File, a.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Key, b.Key),
		)
	})
	errs := make([]error, len(p))
	for i, e := range p {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// didYouMean returns the remedy for an unknown word.
func didYouMean(suggestion, otherwise string) string {
	if suggestion == "" {
		return otherwise
	}
	return "did you mean " + suggestion + "?"
}
