package process

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

// Actions that a running process answers.
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

// errNobody is returned if no running process answers an action.
var errNobody = errors.New("no running netsync answers")

// A reply is the answer to a request.
type reply struct {
	Code  int             `json:"code"` // exit code
	Error string          `json:"error,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
}

// controlSubject returns the subject of an action. dataset.id distinguishes datasets
// that share a broker.
func (p builder) controlSubject(action string) string {
	dataset := p.Config.Dataset.ID
	if dataset == "" {
		dataset = "_"
	}
	return controlPrefix + dataset + "." + action
}

// A handler answers a request, which may come with data in JSON.
type handler func(ctx context.Context, data []byte) (any, error)

// handle makes a handler of a function that takes the request decoded; a request
// without data is the zero value.
func handle[T any](do func(ctx context.Context, request T) (any, error)) handler {
	return func(ctx context.Context, data []byte) (any, error) {
		var request T
		if len(data) > 0 {
			if err := json.Unmarshal(data, &request); err != nil {
				return nil, fmt.Errorf("read the request: %w", err)
			}
		}
		return do(ctx, request)
	}
}

// serveControl answers requests until ctx ends, and waits for those under way.
func (n *node) serveControl(ctx context.Context) error {
	handlers := map[string]handler{
		actionStatus: handle(func(ctx context.Context, _ struct{}) (any, error) {
			if n.sender != nil {
				n.sender.countForCommand(ctx)
			}
			return n.gatherStatus(ctx), nil
		}),
	}
	if n.worker != nil {
		handlers[actionSync] = handle(func(ctx context.Context, o SyncOptions) (any, error) { return n.syncReport(ctx, o) })
	}
	for name, runner := range n.runners {
		handlers[actionRollback+"."+name] = handle(func(ctx context.Context, o RollbackOptions) (any, error) {
			return answerRollback(ctx, runner, o)
		})
		handlers[actionRebuild+"."+name] = handle(func(ctx context.Context, _ struct{}) (any, error) {
			p, err := runner.Rebuild(ctx)
			if err == nil && name == RoleWebsite {
				err = n.targets.pushAgain(ctx)
			}
			return p, err
		})
	}
	if n.sender != nil {
		n.sender.addHandlers(handlers)
	}
	var busy sync.WaitGroup
	defer busy.Wait()
	for action, handle := range handlers {
		sub, err := n.Conn.QueueSubscribe(n.controlSubject(action), queueOf(action), func(m *nats.Msg) {
			busy.Go(func() { answerRequest(ctx, m, handle) })
		})
		if err != nil {
			return fmt.Errorf("answer to commands: %w", err)
		}
		defer func() { _ = sub.Unsubscribe() }() // the connection may be closed by now
	}
	<-ctx.Done()
	return nil
}

// queueOf returns the queue group of an action that one process alone must answer: a
// pass, which may publish records again; a digest that is cancelled, which the next
// process would not find; a test; and a note, which gives the digest that waits
// another id. It returns "" for an action that every process answers.
func queueOf(action string) string {
	switch action {
	case actionSync:
		return "workers"
	case actionCancel, actionTest, actionNote:
		return "newsletters"
	}
	return ""
}

func answerRequest(ctx context.Context, m *nats.Msg, handle handler) {
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
	_ = m.Respond(data) // the command may have ended
}

// askProcess sends a request, with data unless it is nil, to a running process. The
// error is errNobody if none runs.
func (s *Session) askProcess(ctx context.Context, action string, request, answer any) error {
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
	m, err := s.Conn.RequestWithContext(ctx, s.controlSubject(action), data)
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

// errEnded is the cause of a request whose process ended before it answered.
var errEnded = errors.New("it ended before it answered")

// whileItRuns returns a context that ends when the process with the embedded broker
// does, since no answer would come. A broker elsewhere outlives a process, and the
// answer may come over another connection.
func (s *Session) whileItRuns(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if s.Config.NATS.URL != "" {
		return ctx, func() { cancel(nil) }
	}
	gone := s.Conn.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
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
		s.Conn.RemoveStatusListener(gone)
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

// gatherStatuses ends when no process has answered for a while: on a busy machine a
// process needs some time to ask the broker.
const (
	firstAnswer = 2 * time.Second
	nextAnswer  = 500 * time.Millisecond
)

// gatherStatuses asks every running process for its status.
func (s *Session) gatherStatuses(ctx context.Context) ([]ops.Status, error) {
	if !s.remote {
		return nil, nil
	}
	inbox := s.Conn.NewRespInbox()
	sub, err := s.Conn.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("ask for the status: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // it ends with the connection at the latest
	if err := s.Conn.PublishRequest(s.controlSubject(actionStatus), inbox, nil); err != nil {
		return nil, fmt.Errorf("ask for the status: %w", err)
	}
	var all []ops.Status
	wait := firstAnswer
	for {
		deadline, cancel := context.WithTimeout(ctx, wait)
		m, err := sub.NextMsgWithContext(deadline)
		cancel()
		if err != nil || len(m.Data) == 0 { // no further answer, or none at all
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
