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
	var pointer string
	for _, s := range p.steps {
		if s.index >= 0 {
			pointer += "/" + strconv.Itoa(s.index)
		} else {
			pointer = PointerTo(pointer, s.key)
		}
	}
	return pointer
}

func (p *Path) enterKey(key string) { p.steps = append(p.steps, step{key, -1}) }
func (p *Path) enterItem(index int) { p.steps = append(p.steps, step{"", index}) }
func (p *Path) leave()              { p.steps = p.steps[:len(p.steps)-1] }
