package schema

import "strconv"

// A Path is a place within a value. It is only formatted as a JSON pointer (RFC
// 6901) when needed.
type Path struct{ steps []step }

// step selects a value of a map or an item of a list.
type step struct {
	key   string
	index int // -1 if there is a key
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
