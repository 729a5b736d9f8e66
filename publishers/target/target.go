package target

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// A Target is a place outside this machine that shows the site.
type Target interface {
	// Name is what the target is called in commands, logs and metrics.
	Name() string
	// Address says where it is, without secrets.
	Address() string
	// Shown returns what the target shows now; the zero Position where that
	// is nothing of ours.
	Shown(ctx context.Context) (event.Position, error)
	// Push brings the target to a site, and reports whether that changed
	// anything. Afresh says that nothing remembered of the target is to be
	// relied on. Explain is asked only where something changes.
	Push(ctx context.Context, s *Site, afresh bool, explain Explain) (changed bool, err error)
	// Compare tells how what is ours at the target departs from a site.
	Compare(ctx context.Context, s *Site) ([]release.Difference, error)
}

// Explain tells what a push changes, for people: what a target shows now, and
// what it shall show.
type Explain func(ctx context.Context, from event.Position) (Message, error)

// A Message is what is said of a push.
type Message struct {
	Subject string    // one line
	Body    []string  // lines
	Time    time.Time // of the changeset, so that the same history gives the same commits
}

// ErrMoved is why a push is tried again: somebody else changed the target
// meanwhile.
var ErrMoved = errors.New("the target was changed by somebody else meanwhile")

// ErrOvertaken is why a push ends early: the site's files are gone, since the
// website shows something newer.
var ErrOvertaken = errors.New("the website shows something newer")

// A ForeignError is files at a target that are somebody else's and in the way
// of the site's. Nothing was changed.
type ForeignError struct {
	Address string
	Names   []string // sorted
}

const namesInError = 5

func (e *ForeignError) Error() string {
	names := strings.Join(e.Names[:min(namesInError, len(e.Names))], ", ")
	if more := len(e.Names) - namesInError; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s holds files in the way of the website that netsync has not written: %s; remove or rename them there, or give the target a path of its own", e.Address, names)
}

// A LaterError is a target that asks to be left alone for a while.
type LaterError struct {
	After time.Duration
	Err   error
}

func (e *LaterError) Error() string {
	return fmt.Sprintf("asks to be left alone for %s: %v", e.After.Round(time.Second), e.Err)
}

func (e *LaterError) Unwrap() error { return e.Err }
