package validate

import (
	"fmt"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/yaml"
)

// checkDuplicate reports a second file with the same id, or a second manifest. The first by
// path keeps it.
func (r *relations) checkDuplicate(f *snapshot.File) (schema.Finding, bool) {
	paths, what := r.s.PathsOf(f.ID), "the id "+f.ID.ID
	switch f.Role {
	case snapshot.Manifest:
		paths, what = r.s.ManifestPaths(), "the manifest"
	case snapshot.Record:
	default:
		return schema.Finding{}, false
	}
	if len(paths) < 2 || paths[0] == f.Path {
		return schema.Finding{}, false
	}
	return duplicateID.newFinding(f.Path, yaml.Start, f.ID, "/id", fmt.Sprintf("%s stands in %s already", what, paths[0])), true
}

// maxRivals is the maximum number of files that are compared for one claim. Nearly always the
// first decides; the others are files of the same record, which checkDuplicate reports.
const maxRivals = 100

// checkClaim reports a file that claims the same as another one. As either may be right, both
// get a finding, and neither goes live; but an id takes precedence over an alias, and a file
// name in small letters over one with capitals.
func (r *relations) checkClaim(f *snapshot.File, claim snapshot.Claim) (schema.Finding, bool) {
	looked := 0
	for other := range r.s.OtherClaimants(f, claim) {
		if isConflict(f, claim, other) {
			rule, says := describeConflict(claim, other)
			return rule.newFinding(f.Path, claim.Range, f.ID, claim.Pointer, says), true
		}
		if looked++; looked == maxRivals {
			break
		}
	}
	return schema.Finding{}, false
}

// isConflict reports whether a file's claim conflicts with another file.
func isConflict(f *snapshot.File, claim snapshot.Claim, other *snapshot.File) bool {
	if other.ID == f.ID && claim.Kind != snapshot.ClaimPath {
		return false // two files for one record: doubled says so
	}
	for c := range other.Claims() {
		switch {
		case c.Value != claim.Value:
		case claim.Kind == snapshot.ClaimAlias && c.Kind == snapshot.ClaimID:
			return true
		case claim.Kind == snapshot.ClaimPath && c.Kind == snapshot.ClaimPath:
			return f.Path != claim.Value && (other.Path == c.Value || other.Path < f.Path)
		case claim.Kind == c.Kind && claim.Kind != snapshot.ClaimID:
			return true
		}
	}
	return false
}

func describeConflict(claim snapshot.Claim, other *snapshot.File) (rule Rule, says string) {
	switch claim.Kind {
	case snapshot.ClaimAlias:
		return aliasConflict, fmt.Sprintf("the former id %q is also an id or a former id in %s", claim.Value, other.Path)
	case snapshot.ClaimIdentifier:
		return duplicateIdentifier, fmt.Sprintf("%s has this identifier, too", other.Path)
	case snapshot.ClaimHomepage:
		return duplicateHomepage, fmt.Sprintf("%s has this home page, too", other.Path)
	case snapshot.ClaimPath:
		return caseCollision, fmt.Sprintf("the file's name differs from %s in capitals alone", other.Path)
	}
	return duplicateName, fmt.Sprintf("%s has this name, too", other.Path)
}
