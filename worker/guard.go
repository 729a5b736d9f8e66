package worker

import (
	"context"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/validate"
)

// trailerAllowRemovals lets a commit remove many records at once.
const trailerAllowRemovals = "Netsync-Allow-Removals"

// The guard against mass removals: that many records of a collection, and that
// share of it, may go in one pass.
const (
	freeRemovals  = 5
	removalsShare = 10 // the tenth part
)

// guardRemovals finds the collections of which too much would go at once. A
// record that another one replaces is not lost and does not count.
func guardRemovals(changes []*event.Change, published *schema.State, manifest string) []schema.Finding {
	gone := make(map[schema.Collection]int)
	for _, change := range changes {
		if change.Op == event.Removed && change.ReplacedBy == nil {
			gone[change.Collection]++
		}
	}
	var findings []schema.Finding
	for _, c := range schema.Collections() {
		if gone[c] <= freeRemovals {
			continue
		}
		if all := published.Count(c); gone[c]*removalsShare > all {
			findings = append(findings, validate.MassRemoval(manifest, c, gone[c], all))
		}
	}
	return findings
}

// guard returns what speaks against the removals of a plan, unless somebody
// said that they are meant.
func (w *Worker) guard(ctx context.Context, p plan, o Options) ([]schema.Finding, error) {
	found := guardRemovals(p.changes, &w.fold.State, w.snap.ManifestFile.Path)
	if len(found) == 0 || o.AllowRemovals {
		return nil, nil
	}
	from, err := w.lastCommit(ctx)
	if err != nil {
		return nil, err
	}
	allowed, err := w.mirror.HasTrailer(ctx, from, p.commit, trailerAllowRemovals, "true")
	if err != nil || allowed {
		return nil, err
	}
	return found, nil
}
