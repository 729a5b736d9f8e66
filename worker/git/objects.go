package git

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // it is how git names objects
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"netsync/schema/shared/gitcommand"
)

// objects reads objects through one long-lived git cat-file. It starts the process when it is
// needed, and again after it ended.
type objects struct {
	dir string

	mu     sync.Mutex
	cmd    *exec.Cmd
	cancel context.CancelFunc
	stdin  *bufio.Writer
	pipe   io.WriteCloser
	stdout *bufio.Reader
}

// ErrTooLarge is returned for an object with more bytes than the limit.
type ErrTooLarge struct {
	ID   ObjectID
	Size int64
}

func (e *ErrTooLarge) Error() string { return fmt.Sprintf("object %s has %d bytes", e.ID, e.Size) }

// ErrMissing is returned for an object that the repository does not have.
var ErrMissing = errors.New("object is missing")

// read returns an object and its type. The error is *ErrTooLarge, with the size, for one with
// more than limit bytes.
func (o *objects) read(ctx context.Context, id string, limit int64) (data []byte, kind string, err error) {
	err = o.runRequest(ctx, func() error {
		if _, err := fmt.Fprintf(o.stdin, "contents %s\nflush\n", id); err != nil {
			return err
		}
		if err := o.stdin.Flush(); err != nil {
			return err
		}
		data, kind, err = o.readReply(id, limit)
		return unlessReported(err)
	}, func() error { return err })
	return data, kind, err
}

// readEach calls a function with many objects, in their order. An object that cannot be read
// comes with its own error; an error of the function ends the reading. It requests all
// objects before it reads the first answer, so that it waits for git once.
func (o *objects) readEach(ctx context.Context, ids []ObjectID, limit int64, each func(i int, data []byte, kind string, err error) error) error {
	if len(ids) == 0 {
		return nil
	}
	var result error
	return o.runRequest(ctx, func() error {
		asked := make(chan error, 1)
		go func() { asked <- o.askAll(ids) }()
		for i, id := range ids {
			data, kind, err := o.readReply(string(id), limit)
			if unlessReported(err) != nil {
				o.cancel()  // the asking ends with the process
				_ = <-asked // it broke off with the process
				return err
			}
			if result = each(i, data, kind, err); result != nil {
				o.cancel()
				_ = <-asked // it broke off with the process
				return result
			}
		}
		return <-asked
	}, func() error { return result })
}

func (o *objects) askAll(ids []ObjectID) error {
	for _, id := range ids {
		if !id.Valid() {
			return fmt.Errorf("%q is not an object", id)
		}
		if _, err := o.stdin.WriteString("contents " + string(id) + "\n"); err != nil {
			return err
		}
	}
	if _, err := o.stdin.WriteString("flush\n"); err != nil {
		return err
	}
	return o.stdin.Flush()
}

// readInfo returns the type and size of an object; "" if there is none.
func (o *objects) readInfo(ctx context.Context, id string) (kind string, size int64, err error) {
	err = o.runRequest(ctx, func() error {
		if _, err := fmt.Fprintf(o.stdin, "info %s\nflush\n", id); err != nil {
			return err
		}
		if err := o.stdin.Flush(); err != nil {
			return err
		}
		kind, size, err = o.readHeader(id)
		return unlessReported(err)
	}, func() error { return nil })
	return kind, size, err
}

// resolveRevision returns the commit of a revision; ok is false if there is none.
func (o *objects) resolveRevision(ctx context.Context, rev string) (id CommitID, ok bool, err error) {
	err = o.runRequest(ctx, func() error {
		if _, err := fmt.Fprintf(o.stdin, "info %s\nflush\n", rev); err != nil {
			return err
		}
		if err := o.stdin.Flush(); err != nil {
			return err
		}
		line, err := o.stdout.ReadString('\n')
		if err != nil {
			return noEOF(err)
		}
		if fields := strings.Fields(line); len(fields) == 3 {
			id = CommitID(fields[0])
		}
		return nil
	}, func() error { return nil })
	return id, id.Valid(), err
}

// unlessReported returns errors of the communication with git, and nil for errors that git
// reported.
func unlessReported(err error) error {
	var large *ErrTooLarge
	if errors.Is(err, ErrMissing) || errors.As(err, &large) {
		return nil
	}
	return err
}

// runRequest sends a request and reads the answer. It stops the process if that fails or
// ctx ends. Otherwise it returns the result of reported, an error that git reported.
func (o *objects) runRequest(ctx context.Context, talk, reported func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, o.cancel)
	err := talk()
	if !stop() && ctx.Err() != nil {
		o.stopProcess()
		return ctx.Err()
	}
	if err != nil {
		o.stopProcess()
		return fmt.Errorf("git cat-file: %w", err)
	}
	return reported()
}

func (o *objects) start() error {
	if o.cmd != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := gitcommand.New(ctx, o.dir, "cat-file", "--batch-command", "--buffer").Cmd
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return fmt.Errorf("start git cat-file: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return fmt.Errorf("start git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return fmt.Errorf("start git cat-file: %w", err)
	}
	o.cmd, o.cancel, o.pipe = cmd, cancel, in
	o.stdin, o.stdout = bufio.NewWriterSize(in, 64<<10), bufio.NewReaderSize(out, 256<<10)
	return nil
}

// stopProcess stops the process, if there is one.
func (o *objects) stopProcess() {
	if o.cmd == nil {
		return
	}
	_ = o.pipe.Close() // the process may be gone
	o.cancel()
	_ = o.cmd.Wait() // it was killed: its exit tells nothing
	o.cmd = nil
}

func (o *objects) restartProcess() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stopProcess()
}

func (o *objects) close() error {
	o.restartProcess()
	return nil
}

// readHeader reads "<id> <type> <size>" or "<id> missing".
func (o *objects) readHeader(id string) (kind string, size int64, err error) {
	line, err := o.stdout.ReadString('\n')
	if err != nil {
		return "", 0, noEOF(err)
	}
	fields := strings.Fields(line)
	if len(fields) == 2 && fields[1] == "missing" {
		return "", 0, fmt.Errorf("%s: %w", id, ErrMissing)
	}
	if len(fields) != 3 {
		return "", 0, fmt.Errorf("unexpected answer %q", strings.TrimSpace(line))
	}
	size, err = strconv.ParseInt(fields[2], 10, 64)
	return fields[1], size, err
}

// readReply reads one answer to a contents command.
func (o *objects) readReply(id string, limit int64) ([]byte, string, error) {
	kind, size, err := o.readHeader(id)
	if err != nil {
		return nil, "", err
	}
	if limit > 0 && size > limit {
		if _, err := io.CopyN(io.Discard, o.stdout, size+1); err != nil {
			return nil, "", noEOF(err)
		}
		return nil, kind, &ErrTooLarge{ObjectID(id), size}
	}
	data := make([]byte, size+1) // git ends an object with a line feed
	if _, err := io.ReadFull(o.stdout, data); err != nil {
		return nil, "", noEOF(err)
	}
	return data[:size], kind, checkName(id, kind, data[:size])
}

// checkName compares an object with its requested name. Git does not, and returns another
// object if an index of a pack is damaged.
func checkName(id, kind string, data []byte) error {
	var sum hash.Hash
	switch {
	case !validHex(id): // a revision such as main~2
		return nil
	case len(id) == 2*sha1.Size:
		sum = sha1.New()
	default:
		sum = sha256.New()
	}
	fmt.Fprintf(sum, "%s %d\x00", kind, len(data))
	sum.Write(data)
	if got := hex.EncodeToString(sum.Sum(nil)); !strings.EqualFold(got, id) {
		return fmt.Errorf("object %s is damaged: it has the name %s", id, got)
	}
	return nil
}

// noEOF turns the end of the process's output into an error.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
