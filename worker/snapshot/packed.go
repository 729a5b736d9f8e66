package snapshot

import (
	"unique"

	"netsync/worker/yaml"
)

// References and claims are packed: a record has about ten, many records have
// the same, and they are needed only when something changes.

// A target is a Target shared by all files with the same one.
type target = unique.Handle[Target]

type ref struct {
	target   target
	pointer  unique.Handle[string]
	position packedRange
}

func (r Ref) packRef() ref {
	return ref{unique.Make(r.Target), unique.Make(r.Pointer), packRange(r.Range)}
}

func (r ref) unpackRef() Ref {
	return Ref{r.target.Value(), r.pointer.Value(), r.position.unpackRange()}
}

// isIndexed reports whether referrers of the target are indexed. Those of terms
// are not, since most records refer to terms: if terms change, all files are
// checked.
func (r ref) isIndexed() bool { return r.target.Value().Vocabulary == "" }

type claim struct {
	value    string
	kind     ClaimKind
	pointer  unique.Handle[string]
	position packedRange
}

func (c Claim) packClaim() claim {
	return claim{c.Value, c.Kind, unique.Make(c.Pointer), packRange(c.Range)}
}

func (c claim) unpackClaim() Claim {
	return Claim{c.kind, c.value, c.pointer.Value(), c.position.unpackRange()}
}

// A packedRange is a Range; files have fewer than two billion lines.
type packedRange [4]int32

func packRange(r yaml.Range) packedRange {
	return packedRange{int32(r.Line), int32(r.Column), int32(r.EndLine), int32(r.EndColumn)}
}

func (r packedRange) unpackRange() yaml.Range {
	return yaml.Range{Line: int(r[0]), Column: int(r[1]), EndLine: int(r[2]), EndColumn: int(r[3])}
}
