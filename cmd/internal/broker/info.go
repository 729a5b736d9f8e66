package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// Info is how another process of the same user reaches a running broker.
type Info struct {
	PID      int    `json:"pid"`
	URL      string `json:"url"` // empty where the broker does not listen
	User     string `json:"user"`
	Password string `json:"password"`
}

// String leaves the password out.
func (i Info) String() string { return fmt.Sprintf("process %d at %s", i.PID, i.URL) }

// GoString leaves the password out.
func (i Info) GoString() string { return i.String() }

// LogValue leaves the password out.
func (i Info) LogValue() slog.Value { return slog.StringValue(i.String()) }

// ReadInfo reads the file of a running broker. Without one the error is
// fs.ErrNotExist. A broker that was killed leaves its file behind: only a
// connection shows that it runs.
func ReadInfo(path string) (Info, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Info{}, fmt.Errorf("read the broker's address: %w", err)
	}
	var info Info
	if err := json.Unmarshal(data, &info); err != nil {
		return Info{}, fmt.Errorf("read the broker's address in %s: %w", path, err)
	}
	return info, nil
}

// writeInfo replaces the file in one step, readable by its owner only. It is
// not synced: after a power failure there is no broker to reach.
func writeInfo(path string, info Info) error {
	data, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("write the broker's address: %w", err)
	}
	// CreateTemp makes the file 0600.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write the broker's address: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the broker's address: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// removeInfo removes the file of a broker. One that is gone already, or that
// another broker wrote into a new folder of the name, is all right.
func removeInfo(path string, own Info) error {
	if now, err := ReadInfo(path); err == nil && now != own {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the broker's address: %w", err)
	}
	return nil
}
