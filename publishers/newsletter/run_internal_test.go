package newsletter

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A run sends over a few connections, and crashes anywhere or ends regularly. No
// unsent message counts as sent, and at most one message for each connection and
// one that waits are uncertain.
func TestOfARunThatCrashedFewMessagesAreUncertain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const senders = 3
		r := sendRun{id: "R"}
		var stored, open, sent, gone []mark
		take := func(name string) mark {
			i := rapid.IntRange(0, len(open)-1).Draw(t, name)
			m := open[i]
			open = slices.Delete(open, i, i+1)
			return m
		}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			kind := rapid.SampledFrom([]string{"claim", "claim", "sent", "sent", "refused", "released"}).Draw(t, "step")
			switch {
			case kind == "claim" && len(open) <= senders:
				m := r.nextClaim(time.Now())
				stored, open = append(stored, m), append(open, m)
			case kind == "claim", len(open) == 0:
			case kind == "sent":
				m := take(kind)
				r.finishClaim(m)
				sent = append(sent, m)
			case kind == "refused":
				m := take(kind)
				i := slices.IndexFunc(stored, m.isOf)
				stored[i].State = stateRefused
				r.finishClaim(m)
			case kind == "released":
				m := take(kind)
				stored = slices.DeleteFunc(stored, m.isOf)
				r.finishClaim(m)
				gone = append(gone, m)
			}
		}
		all := make(runStates)
		if rapid.Bool().Draw(t, "ended") {
			all["R"] = &runState{ended: true, open: r.open}
		}
		for _, m := range stored {
			all.addClaim(m)
		}
		uncertain := 0
		for _, m := range stored {
			isSent := slices.ContainsFunc(sent, m.isOf)
			switch got := all.messageState(m); {
			case got == stateUncertain:
				uncertain++
			case got == stateSent && !isSent, got == stateRefused && m.State != stateRefused:
				t.Fatalf("%d is taken for %s", m.Number, got)
			}
		}
		want := len(open)
		if _, ok := all["R"]; !ok || !all["R"].ended {
			// Claims that were taken back hide what the last of them said.
			want = senders + 1 + len(gone)
		}
		if uncertain > want {
			t.Fatalf("%d are uncertain, %d were under way, %d were taken back", uncertain, len(open), len(gone))
		}
	})
}

// Marks of older versions keep their meaning.
func TestMarksOfAnOlderNetsync(t *testing.T) {
	t.Parallel()
	all := make(runStates)
	old := mark{State: stateSending, By: "A"}
	all.addClaim(old)
	for m, want := range map[string]struct {
		mark
		state
	}{
		"a claim": {old, stateUncertain}, "one sent": {mark{State: stateSent}, stateSent}, "one refused": {mark{State: stateRefused}, stateRefused},
	} {
		if got := all.messageState(want.mark); got != want.state {
			t.Errorf("%s: %s", m, got)
		}
	}
}
