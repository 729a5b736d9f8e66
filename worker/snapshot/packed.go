package snapshot

import (
	"unique"

	"netsync/worker/yaml"
)

// What files refer to and claim is kept small: there are about ten of them to
// a record, most are the same in many records, and they are looked at when
// something changes.

// target is a Target that all who have the same one share.
type target = unique.Handle[Target]

type ref struct {
	target  target
	pointer unique.Handle[string]
	area    area
}

func (r Ref) pack() ref {
	return ref{unique.Make(r.Target), unique.Make(r.Pointer), packRange(r.Range)}
}

func (r ref) unpack() Ref { return Ref{r.target.Value(), r.pointer.Value(), r.area.unpack()} }

// isAsked reports whether anybody asks who refers to the target. Nobody does for
// a term, which most records refer to: where terms change, all files are looked
// at.
func (r ref) isAsked() bool { return r.target.Value().Vocabulary == "" }

type claim struct {
	value   string
	kind    ClaimKind
	pointer unique.Handle[string]
	area    area
}

func (c Claim) pack() claim {
	return claim{c.Value, c.Kind, unique.Make(c.Pointer), packRange(c.Range)}
}

func (c claim) unpack() Claim {
	return Claim{c.kind, c.value, c.pointer.Value(), c.area.unpack()}
}

// area is a Range; no file has two billion lines.
type area [4]int32

func packRange(r yaml.Range) area {
	return area{int32(r.Line), int32(r.Column), int32(r.EndLine), int32(r.EndColumn)}
}

func (p area) unpack() yaml.Range {
	return yaml.Range{Line: int(p[0]), Column: int(p[1]), EndLine: int(p[2]), EndColumn: int(p[3])}
}
