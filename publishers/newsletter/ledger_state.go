package newsletter

import "context"

// ledgerState is the part of a ledger that a draft depends on.
type ledgerState struct {
	ledger  ledger // empty if there is none
	history history
	note    note // of the next digest
}

// readLedgerState reads the ledger of a dataset. The result is empty if there
// is no ledger.
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
