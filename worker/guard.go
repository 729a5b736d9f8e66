package worker

import (
	"context"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/validate"
)

// trailerAllowRemovals is the trailer of a commit that may remove many records.
const trailerAllowRemovals = "Netsync-Allow-Removals"

// A pass is held if it removes more records of a collection than both limits
// allow.
const (
	freeRemovals  = 5
	removalsShare = 10 // a tenth
)

// guardRemovals returns a finding for each collection that would lose too many
// records. A record with a replacement does not count.
func guardRemovals(changes []*event.Change, published *schema.State, manifest string) []schema.Finding {
	removed := make(map[schema.Collection]int)
	for _, change := range changes {
		if change.Op == event.Removed && change.ReplacedBy == nil {
			removed[change.Collection]++
		}
	}
	var findings []schema.Finding
	for _, c := range schema.Collections() {
		if removed[c] <= freeRemovals {
			continue
		}
		if all := published.Count(c); removed[c]*removalsShare > all {
			findings = append(findings, validate.MassRemoval(manifest, c, removed[c], all))
		}
	}
	return findings
}

// checkRemovals returns findings against the removals of a plan, unless an
// operator or a commit allows them.
func (w *Worker) checkRemovals(ctx context.Context, p plan, o Options) ([]schema.Finding, error) {
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
