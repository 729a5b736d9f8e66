package format_test

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"netsync/schema/sample"
)

func TestTheLawHoldsForRecordsOfAnyLayout(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &wildWriter{T: t}
		w.writeEntries(0, 0, true)
		in := w.b.String()
		out := holdLaw(t, "networks/x.yaml", in)
		if out == "" {
			t.Fatalf("the generator wrote what cannot be read\n%s", in)
		}
		for i := range w.comments {
			if comment := fmt.Sprintf("# c%d;", i); strings.Count(out, comment) != 1 {
				t.Fatalf("%s is there %d times\n%s\n%s", comment, strings.Count(out, comment), in, out)
			}
		}
	})
}

// A wildWriter writes maps in any layout that YAML allows, and comments
// wherever they are allowed.
type wildWriter struct {
	*rapid.T
	b        strings.Builder
	comments int
}

func (w *wildWriter) maybe(what string) bool { return rapid.IntRange(0, 3).Draw(w.T, what) == 0 }

func (w *wildWriter) pick(what string, from ...string) string {
	return rapid.SampledFrom(from).Draw(w.T, what)
}

func (w *wildWriter) write(format string, args ...any) { fmt.Fprintf(&w.b, format, args...) }

func (w *wildWriter) comment() {
	w.write("# c%d; x", w.comments)
	w.comments++
}

// between writes comments and empty lines at the start of a line.
func (w *wildWriter) between() {
	for w.maybe("line") {
		if w.maybe("empty") {
			w.write("%s\n", w.pick("blanks", "", " "))
			continue
		}
		w.write("%*s", rapid.IntRange(0, 9).Draw(w.T, "column"), "")
		w.comment()
		w.write("\n")
	}
}

// endLine ends a line, perhaps with a comment.
func (w *wildWriter) endLine() {
	if w.maybe("beside") {
		w.write("%s", w.pick("room", " ", "     ", "\t"))
		w.comment()
	}
	w.write("%s\n", w.pick("trailing", "", "", "  "))
}

func (w *wildWriter) keys() []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"id", "name", "links", "url", "title", "rel", "membership", "since", "role", "x-b", "x-a", "foo", `"summary"`, "'tier'",
	}), 1, 4, rapid.ID[string]).Draw(w.T, "keys")
}

// entries writes keys with values at a column.
func (w *wildWriter) writeEntries(column, depth int, afterHyphen bool) {
	for i, key := range w.keys() {
		if i > 0 || afterHyphen {
			w.between()
			w.write("%*s", column, "")
		}
		w.write("%s:", key)
		w.value(column, depth)
	}
}

// value writes the value after a key or hyphen, for a parent at a column.
func (w *wildWriter) value(column, depth int) {
	below := column + rapid.IntRange(1, 4).Draw(w.T, "indentation")
	kind := w.pick("kind", "scalar", "scalar", "flow", "text", "map", "list")
	if depth > 3 && (kind == "map" || kind == "list") {
		kind = "flow"
	}
	switch kind {
	case "scalar":
		w.write(" %s", w.pick("scalar", "x", "1987", "~", "''", `"a b"`, "x y # z"[:3], "http://x.y/#z", "é"))
		w.endLine()
	case "flow":
		w.write(" ")
		w.flow(below, 0)
		w.endLine()
	case "text":
		w.text(below)
	case "map":
		w.endLine()
		w.writeEntries(below, depth+1, true)
	case "list":
		w.endLine()
		w.list(below, depth+1)
	}
}

func (w *wildWriter) list(column, depth int) {
	for range rapid.IntRange(1, 3).Draw(w.T, "items") {
		w.between()
		w.write("%*s-", column, "")
		if w.maybe("entries") && depth < 4 {
			w.write("   ")
			w.writeEntries(column+4, depth+1, false)
			continue
		}
		w.value(column, depth)
	}
}

// text writes a text of several lines: a block, or folded in quotes.
func (w *wildWriter) text(column int) {
	switch style := w.pick("style", "|", ">", "|-", ">+", "|+", "'", `"`, ""); style {
	case "'", `"`, "":
		w.write(" %sx\n%*sy\n\n%*sz%s", style, column, "", column, "", style)
		w.endLine()
	default:
		w.write(" %s", style)
		w.endLine()
		w.write("%*sfirst\n", column, "")
		w.write("%s", w.pick("more", "", "\n", fmt.Sprintf("%*s  more\n", column, ""), fmt.Sprintf("%*slast  \n", column, "")))
		w.write("%s", strings.Repeat("\n", rapid.IntRange(0, 2).Draw(w.T, "ending")))
	}
}

// flow writes a collection in brackets whose further lines begin at a column.
func (w *wildWriter) flow(column, depth int) {
	n := rapid.IntRange(0, 3).Draw(w.T, "flow items")
	isMap := w.maybe("flow map")
	w.write("%s", map[bool]string{true: "{", false: "["}[isMap])
	for i := range n {
		w.flowBreak(column)
		if isMap {
			w.write("%s: ", []string{"url", "rel", "'x-a'"}[i])
		}
		if w.maybe("nested") && depth < 3 {
			w.flow(column, depth+1)
		} else {
			w.write("%s", w.pick("item", "a", `"b c"`, "1", "'d'", strings.Repeat("long ", 12)+"word"))
		}
		w.flowBreak(column)
		if i < n-1 {
			w.write(",")
		}
	}
	w.flowBreak(column)
	w.write("%s", map[bool]string{true: "}", false: "]"}[isMap])
}

// flowBreak writes a separator between the parts of a flow collection.
func (w *wildWriter) flowBreak(column int) {
	switch w.pick("break", "", "", "", " ", "line", "comment") {
	case " ":
		w.write(" ")
	case "line":
		w.write("\n%*s", column, "")
	case "comment":
		w.write(" ")
		w.comment()
		w.write("\n%*s", column, "")
	}
}

func TestTheLawHoldsForChangedSamples(t *testing.T) {
	t.Parallel()
	files := sampleFiles(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(files).Draw(t, "file")
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			i := rapid.IntRange(0, len(text)-1).Draw(t, "from")
			j := min(len(text), i+rapid.IntRange(0, 9).Draw(t, "length"))
			text = text[:i] + rapid.SampledFrom(pieces).Draw(t, "piece") + text[j:] + "\n"
		}
		holdLaw(t, "networks/x.yaml", text)
	})
}

func sampleFiles(t *testing.T) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(sample.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yaml" {
			return err
		}
		data, err := fs.ReadFile(sample.FS(), name)
		all = append(all, string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pieces are indicators and other special texts of YAML.
var pieces = []string{
	"", " ", "\n", "\n  ", "\n\n", ": ", "- ", " # c", "\n# c\n", "\n    # c\n", "'", "\"", "[", "]", "{", "}", ", ", "|-\n", ">+\n", "? ", "\\", "~",
	"\t", "\r\n", "é", "\u2028", "\u0085", "---\n", "...\n", "key:\n", "\n- ",
}
