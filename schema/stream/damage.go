package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// A DamagedError reports that the broker has lost or changed a part of a stream
// other than its end. Nothing derived from such a stream is reliable, and a
// broker does not repair it.
type DamagedError struct {
	Stream  string
	Problem string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("stream %[1]s is damaged: %[2]s; stop netsync, move the folder of this stream away, and no other "+
		"(nats/jetstream/NETSYNC/streams/%[1]s in data_dir; in a broker of your own, delete the stream), and either bring it "+
		"back by netsync restore --only %[1]s where there is a backup, or start again: Git has everything, and netsync "+
		"builds the stream and every channel from it again", e.Stream, e.Problem)
}

func (r *Reader) damageError(format string, args ...any) error {
	return &DamagedError{Name(r.dataset), fmt.Sprintf(format, args...)}
}

// Whole returns the last sequence number. The error is a *DamagedError if the
// broker itself knows of missing messages, or cannot return the last one. Only
// Audit finds a changed message.
//
// A broker that finds its files damaged drops what it cannot read, from the
// middle or from the end, logs that, and goes on.
func (r *Reader) Whole(ctx context.Context) (last event.Seq, err error) {
	info, err := r.streamInfo(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the state of stream %s: %w", Name(r.dataset), err)
	}
	s := info.State
	if s.LastSeq == 0 {
		return 0, nil
	}
	if s.Msgs != s.LastSeq || s.NumDeleted > 0 {
		return 0, r.damageError("it should hold messages 1 to %d and holds %d of them", s.LastSeq, s.Msgs)
	}
	_, err = r.stream.GetMsg(ctx, s.LastSeq)
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return 0, r.damageError("the last message, %d, cannot be read: %s", s.LastSeq, api.Description)
	}
	if err != nil {
		return 0, fmt.Errorf("read message %d of stream %s: %w", s.LastSeq, Name(r.dataset), err)
	}
	return event.Seq(s.LastSeq), nil
}
