package yaml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// loadJSON parses a JSON file (RFC 8259).
func (d *Document) loadJSON(data []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	j := jsonReader{d: d, dec: dec}
	if _, err := j.value(1); err != nil {
		j.fail(err)
		return false
	}
	if _, at, err := j.token(); !errors.Is(err, io.EOF) {
		d.problem(Syntax, d.tree.span(at, at+1), "", "something stands behind the JSON value")
		return false
	}
	return true
}

type jsonReader struct {
	d   *Document
	dec *json.Decoder
}

// errDeep ends the reading of a file that is nested too deep.
var errDeep = errors.New("too deep")

func (j *jsonReader) fail(err error) {
	var syntax *json.SyntaxError
	at := min(int(j.dec.InputOffset()), len(j.d.tree.data))
	switch {
	case errors.Is(err, errDeep):
		return // told already
	case errors.As(err, &syntax):
		at = j.offsetOf(syntax)
		j.d.problem(Syntax, j.d.tree.span(at, at+1), "", "%s", strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.Is(err, io.EOF) && len(j.d.tree.nodes) == 0:
		j.d.problem(Syntax, Start, "", "the file is empty")
	default:
		j.d.problem(Syntax, j.d.tree.span(at, at), "", "the file ends in the middle of a value")
	}
}

// offsetOf finds the byte that a syntax error is about. The decoder, which
// reads a file in pieces, counts from the beginning of one of them; so the file
// is looked through once more, as a whole.
func (j *jsonReader) offsetOf(syntax *json.SyntaxError) int {
	var whole json.RawMessage
	_ = errors.As(json.Unmarshal(j.d.tree.data, &whole), &syntax) // otherwise the decoder's own offset stays
	return min(max(int(syntax.Offset)-1, 0), len(j.d.tree.data))
}

// value reads the next value and what lies within it.
func (j *jsonReader) value(depth int) (int, error) {
	token, start, err := j.token()
	if err != nil {
		return 0, err
	}
	end := int(j.dec.InputOffset())
	if _, deeper := token.(json.Delim); deeper && depth > MaxDepth {
		j.d.problem(TooDeep, j.d.tree.span(start, end), "", "more than %d levels lie within one another", MaxDepth)
		return 0, errDeep
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return j.collection(mapping, start, depth)
		}
		return j.collection(sequence, start, depth)
	case string:
		return j.text(token, start, end), nil
	case nil:
		return j.d.tree.add(node{value: "null", start: start, end: end}), nil
	}
	return j.d.tree.add(node{value: fmt.Sprint(token), start: start, end: end}), nil
}

func (j *jsonReader) collection(k kind, start, depth int) (int, error) {
	at := j.d.tree.add(node{kind: k, start: start})
	c := chain{parent: at}
	for j.dec.More() {
		child, err := j.value(depth + 1)
		if err != nil {
			return 0, err
		}
		j.d.tree.link(&c, child)
	}
	if _, err := j.dec.Token(); err != nil {
		return 0, err
	}
	j.d.tree.nodes[at].end = int(j.dec.InputOffset())
	return at, nil
}

// token returns the next token and where it begins: behind blanks, and the
// comma or colon that the decoder passes over.
func (j *jsonReader) token() (json.Token, int, error) {
	start := int(j.dec.InputOffset())
	token, err := j.dec.Token()
	for start < len(j.d.tree.data) && strings.IndexByte(" \t\r\n,:", j.d.tree.data[start]) >= 0 {
		start++
	}
	return token, start, err
}

// text adds a string. The decoder puts U+FFFD where half of a surrogate pair
// stands, which is no character.
func (j *jsonReader) text(value string, start, end int) int {
	n := node{kind: text, value: value, start: start, end: end}
	raw := j.d.tree.data[start:end]
	if strings.ContainsRune(value, '\uFFFD') && !bytes.Contains(raw, []byte("\uFFFD")) && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
		n.refused = "half a surrogate pair (\\ud800 to \\udfff)"
	}
	return j.d.tree.add(n)
}
