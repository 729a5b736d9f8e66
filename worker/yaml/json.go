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
	if _, err := j.readValue(1); err != nil {
		j.addError(err)
		return false
	}
	if _, at, err := j.readToken(); !errors.Is(err, io.EOF) {
		d.addProblem(Syntax, d.tree.rangeOf(at, at+1), "", "something stands behind the JSON value")
		return false
	}
	return true
}

type jsonReader struct {
	d   *Document
	dec *json.Decoder
}

// errDeep is returned for a file that is nested too deep.
var errDeep = errors.New("too deep")

func (j *jsonReader) addError(err error) {
	var syntax *json.SyntaxError
	at := min(int(j.dec.InputOffset()), len(j.d.tree.data))
	switch {
	case errors.Is(err, errDeep):
		return // it was reported
	case errors.As(err, &syntax):
		at = j.findOffset(syntax)
		j.d.addProblem(Syntax, j.d.tree.rangeOf(at, at+1), "", "%s", strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.Is(err, io.EOF) && len(j.d.tree.nodes) == 0:
		j.d.addProblem(Syntax, Start, "", "the file is empty")
	default:
		j.d.addProblem(Syntax, j.d.tree.rangeOf(at, at), "", "the file ends in the middle of a value")
	}
}

// findOffset returns the offset of a syntax error. The decoder, which reads a file in
// pieces, counts from the beginning of one of them; so the file is read once more, as
// a whole.
func (j *jsonReader) findOffset(syntax *json.SyntaxError) int {
	var whole json.RawMessage
	_ = errors.As(json.Unmarshal(j.d.tree.data, &whole), &syntax) // otherwise the decoder's own offset stays
	return min(max(int(syntax.Offset)-1, 0), len(j.d.tree.data))
}

// readValue reads the next value and those within it.
func (j *jsonReader) readValue(depth int) (int, error) {
	token, start, err := j.readToken()
	if err != nil {
		return 0, err
	}
	end := int(j.dec.InputOffset())
	if _, deeper := token.(json.Delim); deeper && depth > MaxDepth {
		j.d.addProblem(TooDeep, j.d.tree.rangeOf(start, end), "", "more than %d levels lie within one another", MaxDepth)
		return 0, errDeep
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return j.readCollection(mapping, start, depth)
		}
		return j.readCollection(sequence, start, depth)
	case string:
		return j.addText(token, start, end), nil
	case nil:
		return j.d.tree.addNode(node{value: "null", start: start, end: end}), nil
	}
	return j.d.tree.addNode(node{value: fmt.Sprint(token), start: start, end: end}), nil
}

func (j *jsonReader) readCollection(k kind, start, depth int) (int, error) {
	at := j.d.tree.addNode(node{kind: k, start: start})
	c := chain{parent: at}
	for j.dec.More() {
		child, err := j.readValue(depth + 1)
		if err != nil {
			return 0, err
		}
		j.d.tree.linkChild(&c, child)
	}
	if _, err := j.dec.Token(); err != nil {
		return 0, err
	}
	j.d.tree.nodes[at].end = int(j.dec.InputOffset())
	return at, nil
}

// readToken returns the next token and its offset: after blanks, and the comma or
// colon that the decoder skips.
func (j *jsonReader) readToken() (json.Token, int, error) {
	start := int(j.dec.InputOffset())
	token, err := j.dec.Token()
	for start < len(j.d.tree.data) && strings.IndexByte(" \t\r\n,:", j.d.tree.data[start]) >= 0 {
		start++
	}
	return token, start, err
}

// addText adds a string. The decoder puts U+FFFD in the place of half a surrogate
// pair, which is no character.
func (j *jsonReader) addText(value string, start, end int) int {
	n := node{kind: text, value: value, start: start, end: end}
	raw := j.d.tree.data[start:end]
	if strings.ContainsRune(value, '\uFFFD') && !bytes.Contains(raw, []byte("\uFFFD")) && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
		n.unsupported = "half a surrogate pair (\\ud800 to \\udfff)"
	}
	return j.d.tree.addNode(n)
}
