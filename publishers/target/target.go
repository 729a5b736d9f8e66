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

// A Target is a destination outside this machine that shows the site.
type Target interface {
	// Name returns the name of the target in commands, logs and metrics.
	Name() string
	// Address returns the address for people, without secrets.
	Address() string
	// Shown returns the position that the target shows; zero if it has nothing of ours.
	Shown(ctx context.Context) (event.Position, error)
	// Push makes the target show a site, and reports whether that changed anything. With
	// afresh it does not rely on what earlier calls read. It calls explain only if something
	// changes.
	Push(ctx context.Context, s *Site, afresh bool, explain Explain) (changed bool, err error)
	// Compare returns the differences of our files at the target from a site.
	Compare(ctx context.Context, s *Site) ([]release.Difference, error)
}

// Explain describes for people the changes of a push, from one position to another.
type Explain func(ctx context.Context, from event.Position) (Message, error)

// A Message describes a push.
type Message struct {
	Subject string    // one line
	Body    []string  // lines
	Time    time.Time // of the changeset, so that the same history gives the same commits
}

// ErrMoved is returned if others changed the target during a push, which is retried.
var ErrMoved = errors.New("others changed the target meanwhile")

// ErrOvertaken is returned if files of the site are gone, as the website has newer
// releases.
var ErrOvertaken = errors.New("the website shows something newer")

// A ForeignError reports files of others at a target that have names of the site's files.
// Nothing was changed.
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

// A LaterError reports a target that asks for a pause.
type LaterError struct {
	After time.Duration
	Err   error
}

func (e *LaterError) Error() string {
	return fmt.Sprintf("asks to be left alone for %s: %v", e.After.Round(time.Second), e.Err)
}

func (e *LaterError) Unwrap() error { return e.Err }
