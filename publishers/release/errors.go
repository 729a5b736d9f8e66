package release

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrMoved is returned by Stage.Flip when current changed after the stage was
// begun. Nothing was flipped; a new stage sees the new release.
var ErrMoved = errors.New("another release went live since the stage was begun")

// ErrClosed is returned by a stage that was flipped or discarded.
var ErrClosed = errors.New("the stage is closed")

// ErrNoIndex is returned by Dir.Check when the current release has no index,
// or one that cannot be read. The next Flip of any stage repairs that.
var ErrNoIndex = errors.New("the release has no usable index; publish or rebuild the channel once")

// NameError is a file name or a label that cannot be part of a release.
// Nothing was written.
type NameError struct {
	Name   string
	Reason string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("name %q: %s", e.Name, e.Reason)
}

// DamagedError is a file of the current release that is not what its index
// says. Writing it anew with Stage.Write repairs it.
type DamagedError struct {
	Name string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("file %q of the current release is not what was published; write it anew", e.Name)
}

// Is makes a damaged file as good as none.
func (e *DamagedError) Is(target error) bool { return target == fs.ErrNotExist }

// ReadBackError is a staged file that reads differently from what was
// written: the disk or the memory is at fault. Nothing was flipped.
type ReadBackError struct {
	Name string
}

func (e *ReadBackError) Error() string {
	return fmt.Sprintf("file %q reads differently from what was written; check the disk", e.Name)
}
