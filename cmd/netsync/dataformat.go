package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"netsync/cmd/internal/cli"
	"netsync/config"
)

// dataFormat is the number of the format of the data directory. It grows when an
// older netsync can no longer read what this one writes. Data without a number is
// from before there was one, and is opened as it is.
const dataFormat = 1

// formatFile holds the number.
const formatFile = "format"

// checkFormat refuses a data directory that a newer netsync has written to. It
// writes nothing.
func checkFormat(cfg *config.Config) error {
	path := filepath.Join(cfg.DataDir, formatFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the format of the data directory: %w", err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	switch {
	case err != nil || n < 0:
		return cli.UsageError("%s does not hold the number of a format; if this is no folder of netsync's, set data_dir to another", path)
	case n > dataFormat:
		return cli.UsageError("the data in %s has format %d, and this netsync reads formats up to %d: a newer netsync has written to it. "+
			"Use that or a newer one, or set data_dir to another folder; nothing was changed", cfg.DataDir, n, dataFormat)
	}
	return nil
}

// noteFormat notes the format of this program in a data directory, which its
// caller has locked. Older data is brought up so: what has changed since is
// brought up where it is read.
func noteFormat(cfg *config.Config) error {
	path := filepath.Join(cfg.DataDir, formatFile)
	want := strconv.Itoa(dataFormat) + "\n"
	if data, err := os.ReadFile(path); err == nil && string(data) == want {
		return nil
	}
	file, err := os.CreateTemp(cfg.DataDir, ".format-*")
	if err != nil {
		return fmt.Errorf("note the format of the data directory: %w", err)
	}
	defer os.Remove(file.Name()) // does nothing once it has its name
	_, err = file.WriteString(want)
	if err = errors.Join(err, file.Chmod(0o600), file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("note the format of the data directory: %w", err)
	}
	return nil
}
