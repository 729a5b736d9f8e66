package release

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrMoved is returned by Stage.Flip if current changed after the stage was
// begun. Nothing was flipped; a new stage starts from the new release.
var ErrMoved = errors.New("another release went live since the stage was begun")

// ErrClosed is returned by a stage after Flip or Discard.
var ErrClosed = errors.New("the stage is closed")

// ErrNoIndex is returned by Dir.Check if the current release has no readable
// index. The next Flip of any stage repairs that.
var ErrNoIndex = errors.New("the release has no usable index; publish or rebuild the channel once")

// NameError reports a file name or label that a release cannot have. Nothing
// was written.
type NameError struct {
	Name   string
	Reason string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("name %q: %s", e.Name, e.Reason)
}

// DamagedError reports a file of the current release that differs from its
// index. Stage.Write repairs it.
type DamagedError struct {
	Name string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("file %q of the current release is not what was published; write it again", e.Name)
}

// Is makes a damaged file equivalent to a missing one.
func (e *DamagedError) Is(target error) bool { return target == fs.ErrNotExist }

// ReadBackError reports a staged file that reads differently from what was
// written, because of a fault of the disk or the memory. Nothing was flipped.
type ReadBackError struct {
	Name string
}

func (e *ReadBackError) Error() string {
	return fmt.Sprintf("file %q reads differently from what was written; check the disk", e.Name)
}
