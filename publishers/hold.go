package publishers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// HoldFile is the file in a channel's folder that records its hold.
const HoldFile = "hold.json"

// A Hold keeps a channel at an older release until an operator resumes it.
type Hold struct {
	Changeset string    `json:"changeset"`
	Sequence  event.Seq `json:"sequence"`
	Release   string    `json:"release"`
	Since     time.Time `json:"since"`
	// Follows is the channel that this one is held for: a feed must not link to
	// pages that its website does not show.
	Follows string `json:"follows,omitempty"`
}

// A HeldError reports that a channel does not show something because it is
// held.
type HeldError struct {
	Channel string
	Hold    Hold
}

func (e *HeldError) Error() string {
	channel := e.Channel
	if e.Hold.Follows != "" {
		channel = e.Hold.Follows
	}
	return fmt.Sprintf("%s is held at changeset %s; netsync rollback %s --resume lets it go on", e.Channel, e.Hold.Changeset, channel)
}

// ReadHold returns the hold of a channel, or nil if it is not held. An
// unreadable file is an error: ignoring it could undo an operator's decision.
func ReadHold(dir *release.Dir) (*Hold, error) {
	data, err := dir.ReadNote(HoldFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var h Hold
	if err == nil {
		err = json.Unmarshal(data, &h)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s in %s: %w; remove it to let the channel go on", HoldFile, dir.Path(), err)
	}
	return &h, nil
}

func writeHold(dir *release.Dir, h Hold) error {
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the hold: %w", err)
	}
	return dir.WriteNote(HoldFile, append(data, '\n'))
}
