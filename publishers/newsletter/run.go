package newsletter

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"netsync/schema/stream"
)

// A sendRun is one process sending one digest. Each message costs one write, the
// claim before it: that it was sent is not noted. Claims are numbered instead,
// and each says which of those before it were still under way; when all is over
// the ledger has a note of what was left under way. So of a run that crashed
// only those are uncertain which its last claim names, and that one itself.
// What came of a message is noted where it was not sent.
type sendRun struct {
	ledger ledger
	key    string // of the note at the end
	id     string // a random text

	mu   sync.Mutex
	last int
	open []int // numbers of claims under way, in their order
}

// newRun begins to send a digest.
func (l ledger) newRun(s Sent) *sendRun {
	id := rand.Text()
	return &sendRun{ledger: l, key: runPrefix(s) + id, id: id}
}

// runPrefix begins the keys of a digest's runs.
func runPrefix(s Sent) string { return "run." + s.digestKey() + "." }

// nextClaim returns the next one, which is under way until done is called.
func (r *sendRun) nextClaim(now time.Time) mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	m := mark{State: stateSending, At: now.UTC(), By: r.id, Number: r.last, Open: slices.Clone(r.open)}
	r.open = append(r.open, r.last)
	return m
}

// finishClaim says that a claimed message was sent, or that something else came of it
// and that this is noted.
func (r *sendRun) finishClaim(m mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = slices.DeleteFunc(r.open, func(number int) bool { return number == m.Number })
}

// runEnd is the note that a run is over.
type runEnd struct {
	Open []int `json:"open,omitempty"` // claims of which nobody knows what came
}

// recordEnd notes that the run is over.
func (r *sendRun) recordEnd(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == 0 {
		return nil
	}
	return stream.Write(ctx, r.ledger.bucket, r.key, runEnd{r.open}, 0)
}

// readRuns are those of a digest. They tell what became of claimed messages.
type runStates map[string]*runState // by id

// runState is what is known of a run.
type runState struct {
	ended bool
	last  int   // of its claims that were shown
	open  []int // at its end or, before, when the last claim was made
}

// readRuns reads what a digest's runs noted at their end. What is known of the
// others is in their claims: all of them must be shown before one is judged.
func (l ledger) readRuns(ctx context.Context, s Sent) (runStates, error) {
	all := make(runStates)
	err := l.bucket.Each(ctx, runPrefix(s)+"*", func(e stream.Entry) error {
		var note runEnd
		if err := json.Unmarshal(e.Value, &note); err != nil {
			return fmt.Errorf("read ledger: %s: %w", e.Key, err)
		}
		all[strings.TrimPrefix(e.Key, runPrefix(s))] = &runState{ended: true, open: note.Open}
		return nil
	})
	return all, err
}

// addClaim takes in a claim.
func (all runStates) addClaim(m mark) {
	r := all[m.By]
	if r == nil {
		r = new(runState)
		all[m.By] = r
	}
	if !r.ended && m.Number > r.last {
		r.last, r.open = m.Number, m.Open
	}
}

// isFinal reports whether a message can be judged before others are shown.
func (all runStates) isFinal(m mark) bool {
	r := all[m.By]
	return m.State != stateSending || r != nil && r.ended
}

// messageState tells what became of a message. What is under way just now is as
// uncertain as if whoever claimed it had died.
func (all runStates) messageState(m mark) state {
	if m.State != stateSending {
		return m.State
	}
	r := all[m.By]
	if m.Number == 0 || r == nil { // an older netsync noted what was sent
		return stateUncertain
	}
	if slices.Contains(r.open, m.Number) || !r.ended && m.Number >= r.last {
		return stateUncertain
	}
	return stateSent
}
