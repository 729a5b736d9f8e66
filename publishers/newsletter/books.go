package newsletter

import "context"

// books is what a ledger says when the draft is made.
type books struct {
	ledger  ledger // which nothing is in where there is none
	history history
	note    note // of the next digest
}

// books reads the ledger of a dataset; they are empty where nothing was ever
// written to it.
func (n *Newsletter) books(ctx context.Context, dataset string) (b books, err error) {
	l, ok, err := n.findLedger(ctx, dataset)
	if err != nil || !ok {
		return b, err
	}
	b.ledger = l
	if b.history, err = l.history(ctx); err != nil {
		return b, err
	}
	b.note, err = l.note(ctx, b.history)
	return b, err
}
