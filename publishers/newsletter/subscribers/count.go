package subscribers

import (
	"context"
	"fmt"

	"netsync/schema/event"
)

// A Count is a number of subscribers by state.
type Count struct {
	Active    int
	Suspended int // mail to them bounced too often
}

// Count counts the subscribers. It reads all of them; Changed shows whether the
// result can differ from an earlier one.
func (l *List) Count(ctx context.Context) (Count, error) {
	suspended := make(map[Short]bool) // one who changes meanwhile is yielded twice
	for s, err := range l.All(ctx) {
		if err != nil {
			return Count{}, err
		}
		suspended[s.Short()] = !s.Suspended.IsZero()
	}
	var c Count
	for _, is := range suspended {
		if is {
			c.Suspended++
		} else {
			c.Active++
		}
	}
	return c, nil
}

// Changed returns a number that grows with each change of the list. It needs
// one request to the broker, however many subscribers there are.
func (l *List) Changed(ctx context.Context) (event.Seq, error) {
	s, err := l.js.Stream(ctx, "KV_"+Bucket(l.dataset))
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", Bucket(l.dataset), err)
	}
	return event.Seq(s.CachedInfo().State.LastSeq), nil
}
