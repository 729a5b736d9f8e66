package publishers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"netsync/schema/event"
)

// PositionFile is the name of the file in a channel's release that holds its
// position.
const PositionFile = "channel.json"

// EncodePosition returns the content of a PositionFile.
func EncodePosition(p event.Position) ([]byte, error) {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode position: %w", err)
	}
	return append(data, '\n'), nil
}

// ReadPosition reads a PositionFile by a function such as os.ReadFile. It
// returns the zero Position, which causes a rebuild, if the file does not exist
// or cannot be decoded.
func ReadPosition(read func(name string) ([]byte, error)) (event.Position, error) {
	data, err := read(PositionFile)
	if errors.Is(err, fs.ErrNotExist) {
		return event.Position{}, nil
	}
	if err != nil {
		return event.Position{}, fmt.Errorf("read %s: %w", PositionFile, err)
	}
	var p event.Position
	if json.Unmarshal(data, &p) != nil {
		return event.Position{}, nil
	}
	return p, nil
}
