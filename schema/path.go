package schema

import "strconv"

// A Path is where a walk through a value stands. It becomes a JSON pointer
// (RFC 6901) only for those places that somebody has something to say about.
type Path struct{ steps []step }

// step leads to a map's value or to a list's item.
type step struct {
	key   string
	index int // -1 where there is a key
}

// String returns the JSON pointer.
func (p *Path) String() string {
	var room [64]byte // most pointers are no longer
	pointer := room[:0]
	for _, s := range p.steps {
		pointer = append(pointer, '/')
		if s.index >= 0 {
			pointer = strconv.AppendInt(pointer, int64(s.index), 10)
		} else {
			pointer = append(pointer, escapeToken(s.key)...)
		}
	}
	return string(pointer)
}

func (p *Path) enterKey(key string) { p.steps = append(p.steps, step{key, -1}) }
func (p *Path) enterItem(index int) { p.steps = append(p.steps, step{"", index}) }
func (p *Path) leaveValue()         { p.steps = p.steps[:len(p.steps)-1] }
