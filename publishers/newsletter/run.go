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

// A sendRun is one process sending one digest. Each message costs one write,
// the claim before it; success is not recorded. Instead, claims are numbered,
// and each lists the earlier claims that were still open. At the end of the run
// the ledger gets a record of the open claims. So after a crash, only the last
// claim of the run and those listed by it are uncertain. Other results than
// success are recorded.
type sendRun struct {
	ledger ledger
	key    string // of the record at the end
	id     string // random

	mu   sync.Mutex
	last int
	open []int // numbers of open claims, in order
}

// newRun returns a run for a digest.
func (l ledger) newRun(s Sent) *sendRun {
	id := rand.Text()
	return &sendRun{ledger: l, key: runPrefix(s) + id, id: id}
}

// runPrefix returns the prefix of the keys of a digest's runs.
func runPrefix(s Sent) string { return "run." + s.digestKey() + "." }

// nextClaim returns the next claim, which is open until finishClaim is called.
func (r *sendRun) nextClaim(now time.Time) mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	m := mark{State: stateSending, At: now.UTC(), By: r.id, Number: r.last, Open: slices.Clone(r.open)}
	r.open = append(r.open, r.last)
	return m
}

// finishClaim closes a claim: its message was sent, or another result was
// recorded.
func (r *sendRun) finishClaim(m mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = slices.DeleteFunc(r.open, func(number int) bool { return number == m.Number })
}

// runEnd is the record of the end of a run.
type runEnd struct {
	Open []int `json:"open,omitempty"` // claims with unknown results
}

// recordEnd records the end of the run.
func (r *sendRun) recordEnd(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == 0 {
		return nil
	}
	return stream.Write(ctx, r.ledger.bucket, r.key, runEnd{r.open}, 0)
}

// runStates are the runs of a digest by id. They tell the results of claimed
// messages.
type runStates map[string]*runState // by id

// runState is what is known of a run.
type runState struct {
	ended bool
	last  int   // highest added claim
	open  []int // at its end or else at the last claim
}

// readRuns reads the ended runs of a digest. The state of others follows from
// their claims: all must be added before messageState is called.
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

// addClaim adds a claim.
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

// isFinal reports whether the state of a message does not depend on further
// claims.
func (all runStates) isFinal(m mark) bool {
	r := all[m.By]
	return m.State != stateSending || r != nil && r.ended
}

// messageState returns the state of a message. An open claim is as uncertain as
// one of a crashed process.
func (all runStates) messageState(m mark) state {
	if m.State != stateSending {
		return m.State
	}
	r := all[m.By]
	if m.Number == 0 || r == nil { // older versions recorded what was sent
		return stateUncertain
	}
	if slices.Contains(r.open, m.Number) || !r.ended && m.Number >= r.last {
		return stateUncertain
	}
	return stateSent
}
