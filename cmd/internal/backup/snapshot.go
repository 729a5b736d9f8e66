package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go"
)

// The snapshot protocol of nats-server (NATS ADR-1, "STREAM.SNAPSHOT" and
// "STREAM.RESTORE"): the broker sends chunks, each of which is acknowledged,
// and an empty message at the end.
const (
	snapshotAPI = "$JS.API.STREAM.SNAPSHOT."
	restoreAPI  = "$JS.API.STREAM.RESTORE."
	chunkSize   = 512 << 10
	// stall is the timeout for a chunk or an answer.
	stall = 30 * time.Second
)

// apiError is the broker's error for a refused request.
type apiError struct {
	Code        int    `json:"code"`
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

func (e *apiError) Error() string { return fmt.Sprintf("%s (%d)", e.Description, e.ErrCode) }

// errNoStream reports that the broker does not have a stream.
var errNoStream = errors.New("there is no such stream")

const streamNotFound = 10059

// requestAPI sends a request to the broker's API.
func requestAPI(ctx context.Context, nc *nats.Conn, subject string, request, answer any) error {
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, stall)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, subject, data)
	if err != nil {
		return err
	}
	return decode(m.Data, answer)
}

func decode(data []byte, answer any) error {
	var failed struct {
		Error *apiError `json:"error"`
	}
	if err := json.Unmarshal(data, &failed); err != nil {
		return fmt.Errorf("read the broker's answer: %w", err)
	}
	if failed.Error != nil && failed.Error.ErrCode == streamNotFound {
		return errNoStream
	}
	if failed.Error != nil {
		return failed.Error
	}
	return json.Unmarshal(data, answer)
}

// takeSnapshot writes a snapshot of a stream. It calls begin with the setup
// before writing. The error is errNoStream if there is no such stream.
func takeSnapshot(ctx context.Context, nc *nats.Conn, name string, begin func(setup) (io.Writer, error)) error {
	inbox := nc.NewRespInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }() // it ends with the connection at the latest
	var s setup
	request := map[string]any{"deliver_subject": inbox, "no_consumers": true, "chunk_size": chunkSize}
	if err := requestAPI(ctx, nc, snapshotAPI+name, request, &s); err != nil {
		return err
	}
	w, err := begin(s)
	if err != nil {
		return err
	}
	for {
		m, err := nextChunk(ctx, sub)
		if err != nil {
			return err
		}
		if len(m.Data) == 0 {
			if status := m.Header.Get("Status"); status != "" && status != "204" {
				return fmt.Errorf("the broker ends the snapshot: %s %s", status, m.Header.Get("Description"))
			}
			return nil
		}
		if _, err := w.Write(m.Data); err != nil {
			return err
		}
		if m.Reply == "" { // the last one
			continue
		}
		if err := m.Respond(nil); err != nil {
			return err
		}
	}
}

func nextChunk(ctx context.Context, sub *nats.Subscription) (*nats.Msg, error) {
	limit, cancel := context.WithTimeout(ctx, stall)
	defer cancel()
	m, err := sub.NextMsgWithContext(limit)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = errors.New("the broker sends no more of the snapshot")
	}
	return m, err
}

// putSnapshot creates a stream from a snapshot.
func putSnapshot(ctx context.Context, nc *nats.Conn, name string, s setup, r io.Reader) error {
	var to struct {
		Deliver string `json:"deliver_subject"`
	}
	if err := requestAPI(ctx, nc, restoreAPI+name, s, &to); err != nil {
		return err
	}
	chunk := make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(r, chunk)
		if n > 0 {
			if err := putChunk(ctx, nc, to.Deliver, chunk[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return putChunk(ctx, nc, to.Deliver, nil)
		}
		if err != nil {
			return err
		}
	}
}

// putChunk sends a part of a snapshot. Without data, it waits until the stream
// exists.
func putChunk(ctx context.Context, nc *nats.Conn, to string, data []byte) error {
	wait := stall
	if data == nil {
		wait = 10 * stall // the broker may write for long
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, to, data)
	if err != nil || len(m.Data) == 0 {
		return err
	}
	var ignored struct{}
	return decode(m.Data, &ignored)
}
