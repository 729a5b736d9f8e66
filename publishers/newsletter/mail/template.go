package mail

import (
	"bytes"
	"slices"
)

// A Template is the body of a message that was encoded once for all recipients.
// Placeholders take the values of each: all of one length, and of characters
// that no encoding changes. So filling a template gives the same bytes as
// encoding the message.
type Template struct {
	body         []byte
	placeholders []placeholder
}

// A placeholder is a part of a value on one line; quoted-printable may break a
// value anywhere.
type placeholder struct {
	at       int // in the body
	value    int // index of the value
	from, to int // in the value
}

// softBreak breaks an encoded line that the text does not break (RFC 2045 §6.7,
// rule 5).
const softBreak = "=\r\n"

// NewTemplate returns a template of a body that was encoded with stand-ins for
// the values. The stand-ins must not occur elsewhere, so they have to be
// unguessable.
func NewTemplate(body []byte, standIns ...string) Template {
	t := Template{body: body}
	whole, at := joinLines(body)
	for value, text := range standIns {
		for start := 0; ; {
			found := bytes.Index(whole[start:], []byte(text))
			if found < 0 {
				break
			}
			start += found
			for i := range len(text) {
				t.addByte(placeholder{at: at[start+i], value: value, from: i, to: i + 1})
			}
			start += len(text)
		}
	}
	return t
}

// addByte adds a placeholder of one byte, or extends the last one.
func (t *Template) addByte(p placeholder) {
	if n := len(t.placeholders); n > 0 {
		last := &t.placeholders[n-1]
		if last.value == p.value && last.to == p.from && last.at+last.to-last.from == p.at {
			last.to = p.to
			return
		}
	}
	t.placeholders = append(t.placeholders, p)
}

// joinLines returns a body without soft breaks, and the position of each of its
// bytes in the body.
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

// Fill returns head and the body with values, in the order of their stand-ins.
// It overwrites buffer, which grows if needed.
func (t Template) Fill(buffer, head []byte, values ...string) []byte {
	data := append(slices.Grow(buffer[:0], len(head)+len(t.body)+len(endOfData)), head...)
	start := len(data)
	data = append(data, t.body...)
	for _, g := range t.placeholders {
		copy(data[start+g.at:], values[g.value][g.from:g.to])
	}
	return data
}
