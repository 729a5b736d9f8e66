package operate

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/cli"
	"netsync/config"
)

// A DiskFullError says that something failed because the disk of the data
// directory is full.
type DiskFullError struct {
	Dir string
	Err error
}

func (e *DiskFullError) Error() string {
	return fmt.Sprintf("no space left on the disk of %s: free some, or move data_dir to a larger disk, and try again; what was published stays (%v)", e.Dir, e.Err)
}

func (e *DiskFullError) Unwrap() error { return e.Err }

// explainDisk makes an error a *DiskFullError if a full disk is its cause. A broker
// on a full disk often says nothing of it, so the disk is looked at, too.
func explainDisk(cfg *config.Config, err error) error {
	if err == nil {
		return nil
	}
	if exit := (*cli.Error)(nil); errors.As(err, &exit) {
		return err // about the data or the usage
	}
	// An error of another process or of the broker comes as text.
	named := errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), syscall.ENOSPC.Error()) || strings.Contains(err.Error(), "no space is left on the disk")
	if !named && !broker.IsFull(cfg.DataDir) {
		return err
	}
	return &DiskFullError{cfg.DataDir, err}
}
