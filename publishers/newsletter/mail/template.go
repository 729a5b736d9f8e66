package mail

import (
	"bytes"
	"slices"
)

// A Form is the body of a message that was encoded once, for all who get it. What
// each of them has of their own stands in gaps: values that are all of one length,
// and of characters that no encoding changes. So a form that was filled in is what
// encoding anew would have given.
type Form struct {
	body []byte
	gaps []gap
}

// A gap is a part of a value on one line; quoted-printable breaks lines anywhere.
type gap struct {
	at       int // in the body
	value    int // which of the values
	from, to int // of its bytes
}

// softBreak ends a line where the text does not (RFC 2045 §6.7, rule 5).
const softBreak = "=\r\n"

// FormOf makes a form of a body that was encoded with stand-ins for the values.
// They must be in it nowhere else, as texts that nobody could guess are.
func FormOf(body []byte, standIns ...string) Form {
	f := Form{body: body}
	whole, at := joinLines(body)
	for value, text := range standIns {
		for begin := 0; ; {
			found := bytes.Index(whole[begin:], []byte(text))
			if found < 0 {
				break
			}
			begin += found
			for i := range len(text) {
				f.addByte(gap{at: at[begin+i], value: value, from: i, to: i + 1})
			}
			begin += len(text)
		}
	}
	return f
}

// addByte adds a gap of one byte, to the last one where it continues that.
func (f *Form) addByte(g gap) {
	if n := len(f.gaps); n > 0 {
		last := &f.gaps[n-1]
		if last.value == g.value && last.to == g.from && last.at+last.to-last.from == g.at {
			last.to = g.to
			return
		}
	}
	f.gaps = append(f.gaps, g)
}

// joinLines returns a body without soft breaks, and the place in the body of each of
// its bytes.
func joinLines(body []byte) (whole []byte, at []int) {
	for i := 0; i < len(body); i++ {
		if bytes.HasPrefix(body[i:], []byte(softBreak)) {
			i += len(softBreak) - 1
			continue
		}
		whole, at = append(whole, body[i]), append(at, i)
	}
	return whole, at
}

// Fill returns head and the body with values, in the order of their stand-ins. It
// is written over room, which grows if it is too small.
func (f Form) Fill(room, head []byte, values ...string) []byte {
	data := append(slices.Grow(room[:0], len(head)+len(f.body)+len(lastLine)), head...)
	begin := len(data)
	data = append(data, f.body...)
	for _, g := range f.gaps {
		copy(data[begin+g.at:], values[g.value][g.from:g.to])
	}
	return data
}
