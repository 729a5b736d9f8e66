package publishers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/release"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// RemadeFile is the file in a channel's folder that records that the channel
// showed another stream before.
const RemadeFile = "remade.json"

// Remade records that a dataset's stream was deleted and made again, or
// restored, after a channel had shown a message that the present stream does
// not have.
type Remade struct {
	Epoch    string    `json:"epoch"`    // of the present stream
	Began    time.Time `json:"began"`    // when it was made
	Previous string    `json:"previous"` // the epoch that the channel showed
	Sequence event.Seq `json:"sequence"` // the last message that it showed
	Shared   event.Seq `json:"shared"`   // the last message that both streams have
}

// String describes what happened and what to do.
func (r *Remade) String() string {
	text := fmt.Sprintf("the stream was made again on %s; this channel showed message %d of the one before", r.Began.Format(time.DateTime+" UTC"), r.Sequence)
	if r.Shared > 0 {
		return text + fmt.Sprintf(", of which the present one has those up to %d", r.Shared)
	}
	return text + "; if that was not meant, netsync restore brings a backup back"
}

// RemadeOf compares a position with a stream that does not have it.
func RemadeOf(reader *stream.Reader, shown event.Position) *Remade {
	epoch := reader.Epoch()
	shared, _ := epoch.SharedWith(shown.Epoch)
	return &Remade{epoch.ID, epoch.Began(), shown.Epoch, shown.Sequence, shared}
}

// noticeRemade logs and records that the channel shows another stream.
func (r *Runner) noticeRemade(reader *stream.Reader, shown event.Position) {
	remade := RemadeOf(reader, shown)
	r.Log.Warn("the stream was recreated; the channel is rebuilt from it", zap.String("channel", r.Channel.Name()), zap.Error(errors.New(remade.String())))
	if err := r.noteRemade(remade); err != nil {
		r.Log.Warn("cannot record that the stream was recreated", zap.Error(err))
	}
	r.update(func(s *Status) { s.Position, s.Remade = event.Position{}, remade })
}

func (r *Runner) noteRemade(remade *Remade) error {
	if r.Dir == "" {
		return nil
	}
	dir, err := r.openReleases()
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(remade, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", RemadeFile, err)
	}
	return dir.WriteNote(RemadeFile, append(data, '\n'))
}

// ReadRemade returns what a channel recorded of a stream that was made again,
// or nil if it recorded nothing about the present epoch.
func ReadRemade(dir *release.Dir, epoch string) *Remade {
	data, err := dir.ReadNote(RemadeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var r Remade
	if err != nil || json.Unmarshal(data, &r) != nil || r.Epoch != epoch {
		return nil // it is only informative
	}
	return &r
}

// findRemade reads what an earlier process recorded.
func (r *Runner) findRemade(epoch string) {
	dir, err := r.openReleases()
	if err != nil {
		return
	}
	if remade := ReadRemade(dir, epoch); remade != nil {
		r.update(func(s *Status) { s.Remade = remade })
	}
}
