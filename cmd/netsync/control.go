package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
)

// Commands talk to a running netsync by requests over NATS. The embedded
// broker lets nobody but netsync itself use these subjects.
const controlPrefix = "netsync-control."

// Actions that a running process answers to.
const (
	actionStatus   = "status"
	actionSync     = "sync"     // with syncOptions
	actionRebuild  = "rebuild"  // followed by a channel
	actionRollback = "rollback" // followed by a channel, with rollbackOptions
	actionDigest   = "digest"
	actionApprove  = "approve" // with a digestID
	actionCancel   = "cancel"  // with a digestID
	actionTest     = "test"    // with an address
	actionNote     = "note"    // with a noteRequest
)

// errNobody says that no running process answers to an action.
var errNobody = errors.New("no running netsync answers")

// A reply is the answer to a request.
type reply struct {
	Code  int             `json:"code"` // exit code
	Error string          `json:"error,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
}

// subject names an action. Datasets that share a broker are told apart by
// dataset.id.
func (p parts) subject(action string) string {
	dataset := p.cfg.Dataset.ID
	if dataset == "" {
		dataset = "_"
	}
	return controlPrefix + dataset + "." + action
}

// A handler does what a request, which may come with data in JSON, asks for.
type handler func(ctx context.Context, data []byte) (any, error)

// serveControl answers requests until ctx ends, and waits for those under
// way.
func (n *node) serveControl(ctx context.Context) error {
	handlers := map[string]handler{
		actionStatus: func(ctx context.Context, _ []byte) (any, error) {
			n.countForCommand(ctx)
			return n.status(ctx), nil
		},
	}
	if n.worker != nil {
		handlers[actionSync] = n.answerSync
	}
	for name, runner := range n.runners {
		handlers[actionRollback+"."+name] = func(ctx context.Context, data []byte) (any, error) {
			var o rollbackOptions
			if err := json.Unmarshal(data, &o); err != nil {
				return nil, fmt.Errorf("read the options of the rollback: %w", err)
			}
			return answerRollback(ctx, runner, o)
		}
		handlers[actionRebuild+"."+name] = func(ctx context.Context, _ []byte) (any, error) {
			p, err := runner.Rebuild(ctx)
			if err == nil && name == roleWebsite {
				err = n.targets.again(ctx)
			}
			return p, err
		}
	}
	if letter := n.letter(); letter != nil {
		n.answerLetter(handlers, letter)
	}
	var busy sync.WaitGroup
	defer busy.Wait()
	for action, handle := range handlers {
		sub, err := n.nc.QueueSubscribe(n.subject(action), queueOf(action), func(m *nats.Msg) {
			busy.Go(func() { respond(ctx, m, handle) })
		})
		if err != nil {
			return fmt.Errorf("answer to commands: %w", err)
		}
		defer func() { _ = sub.Unsubscribe() }() // the connection may be closed by now
	}
	<-ctx.Done()
	return nil
}

// queueOf makes one of several workers answer a request for a pass: a record
// that is to be said again must not be said by each. So it is with a digest that
// is taken back, which is not there for the next, with a test, and with a note,
// which gives the digest that waits another id. Other requests are for every
// process.
func queueOf(action string) string {
	switch action {
	case actionSync:
		return "workers"
	case actionCancel, actionTest, actionNote:
		return "newsletters"
	}
	return ""
}

func respond(ctx context.Context, m *nats.Msg, handle handler) {
	var r reply
	value, err := handle(ctx, m.Data)
	if err != nil {
		r.Code, r.Error = cli.ExitOutside, err.Error()
		var exit *cli.Error
		if errors.As(err, &exit) {
			r.Code = exit.Code
		}
	}
	if r.Data, err = json.Marshal(value); err != nil {
		r.Code, r.Error = cli.ExitOutside, err.Error()
	}
	data, err := json.Marshal(r)
	if err != nil {
		return // a reply of strings always has a JSON form
	}
	_ = m.Respond(data) // who asked may have gone
}

// ask sends a request, which may come with data (nil for none), to a running
// process; errNobody where there is none.
func (s *session) ask(ctx context.Context, action string, request, answer any) error {
	if !s.remote {
		return errNobody
	}
	var data []byte
	if request != nil {
		var err error
		if data, err = json.Marshal(request); err != nil {
			return fmt.Errorf("ask the running netsync to %s: %w", action, err)
		}
	}
	ctx, done := s.whileItRuns(ctx)
	defer done()
	m, err := s.nc.RequestWithContext(ctx, s.subject(action), data)
	if errors.Is(err, nats.ErrNoResponders) {
		return errNobody
	}
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errEnded) {
		err = cause
	}
	if err != nil {
		return fmt.Errorf("ask the running netsync to %s: %w", action, err)
	}
	return readReply(m.Data, answer)
}

// errEnded says that a running process ended before it answered.
var errEnded = errors.New("it ended before it answered")

// whileItRuns returns a context that ends when the process which runs the embedded
// broker does: nobody would ever answer. A broker elsewhere outlives a process, and
// the answer may come over another connection.
func (s *session) whileItRuns(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if s.cfg.NATS.URL != "" {
		return ctx, func() { cancel(nil) }
	}
	gone := s.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-gone:
			cancel(errEnded)
		case <-ctx.Done():
		}
	})
	return ctx, func() {
		cancel(nil)
		watch.Wait()
		s.nc.RemoveStatusListener(gone)
	}
}

func readReply(data []byte, answer any) error {
	var r reply
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("read the answer of the running netsync: %w", err)
	}
	if r.Error != "" {
		return &cli.Error{Code: r.Code, Err: errors.New(r.Error)}
	}
	return json.Unmarshal(r.Data, answer)
}

// Gathering ends when nobody has answered for a while: on a busy machine a
// process needs some time to ask the broker.
const (
	firstAnswer = 2 * time.Second
	nextAnswer  = 500 * time.Millisecond
)

// gather asks every running process for its status.
func (s *session) gather(ctx context.Context) ([]ops.Status, error) {
	if !s.remote {
		return nil, nil
	}
	inbox := s.nc.NewRespInbox()
	sub, err := s.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("ask for the status: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // it ends with the connection at the latest
	if err := s.nc.PublishRequest(s.subject(actionStatus), inbox, nil); err != nil {
		return nil, fmt.Errorf("ask for the status: %w", err)
	}
	var all []ops.Status
	wait := firstAnswer
	for {
		deadline, cancel := context.WithTimeout(ctx, wait)
		m, err := sub.NextMsgWithContext(deadline)
		cancel()
		if err != nil || len(m.Data) == 0 { // nobody more, or nobody at all
			return all, ctx.Err()
		}
		var status ops.Status
		if err := readReply(m.Data, &status); err != nil {
			return nil, err
		}
		all = append(all, status)
		wait = nextAnswer
	}
}
