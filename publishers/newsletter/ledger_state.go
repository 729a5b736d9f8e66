package newsletter

import "context"

// readLedgerState is what a ledger says when the draft is made.
type ledgerState struct {
	ledger  ledger // which nothing is in where there is none
	history history
	note    note // of the next digest
}

// readLedgerState reads the ledger of a dataset; they are empty where nothing was ever
// written to it.
func (n *Newsletter) readLedgerState(ctx context.Context, dataset string) (b ledgerState, err error) {
	l, ok, err := n.findLedger(ctx, dataset)
	if err != nil || !ok {
		return b, err
	}
	b.ledger = l
	if b.history, err = l.readHistory(ctx); err != nil {
		return b, err
	}
	b.note, err = l.readNote(ctx, b.history)
	return b, err
}
