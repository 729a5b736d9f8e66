package yaml

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"netsync/schema/sample"
	"netsync/schema/testkit/npmtest"
)

// compareWithLibrary holds the subset's parser against the library: where it
// reads a file at all, it must see the same nodes in the same places.
func compareWithLibrary(t *testing.T, data string) (read bool) {
	t.Helper()
	if !utf8.ValidString(data) {
		return false // refused before
	}
	quick, ok := parseSubset([]byte(data), nil)
	if !ok {
		return false
	}
	d := &Document{tree: &tree{data: []byte(data)}}
	if !d.loadYAML([]byte(data)) {
		t.Fatalf("the library refuses what the subset reads: %v\n%s", d.Problems, data)
	}
	if got, want := dumpTree(quick, 0), dumpTree(d.tree, 0); got != want {
		t.Fatalf("the subset reads\n%s\nand the library\n%s\nin\n%s", got, want, data)
	}
	return true
}

// dumpTree writes a node and those below it.
func dumpTree(t *tree, i int) string {
	n := t.nodes[i]
	var b strings.Builder
	fmt.Fprintf(&b, "%d %q %s %d-%d", n.kind, n.value, n.unsupported, n.start, n.end)
	for c := n.first; c != 0; c = t.nodes[c].next {
		// A key may be plain or not: what it means is the same.
		line := dumpTree(t, c)
		if n.kind == mapping {
			line = strings.TrimLeft(line, "01")
		}
		b.WriteString("\n" + strings.ReplaceAll(line, "\n", "\n "))
	}
	return b.String()
}

func sampleFiles(t testing.TB) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(sample.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
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

func TestTheSubsetReadsTheSampleAsTheLibraryDoes(t *testing.T) {
	t.Parallel()
	for _, data := range sampleFiles(t) {
		if !compareWithLibrary(t, data) {
			t.Errorf("the subset gives up on\n%s", data)
		}
	}
}

func TestTheSubsetReadsWhatItReadsAsTheLibraryDoes(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		"a:\nb: ~\nc: null\n", "a: # comment\n  b: 1\n", "a:\n- b\n- c: 1\n  d: 2\n-   e: 1\n    f: [x, y]\n",
		"a: >-\n  x\n  y\n\n  z\n\n\nb: |\n  x\n   y\n\n\n  z \n", "a: \"x \\\"y\\\" \\\\ \\n\" # c\nb: 'it''s'\n",
		"a: {b: [], c: {}, d: \"x\", e: 'y'}\n", "a: http://x.y/z#w\nb: [http://x.y:80/z]\n", "a: x#y\nb: x #y\n",
		"a: 1\n# comment\n   # another\nb: 2\n\n\n", "a:\n    b:\n      - 1\n      -   2\n    c: 3\n", "a: é\nb: \"ü\"\n",
		"a: - b\n", "a: b: c\n", "a: 1\n b: 2\n", "a: [x, y\n", "a: 'x\n", "a: |\n x\n  y\n z\n", "a: >\n x\n  y\n z\n",
		"a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "? a\n: b\n", "a: *x\n", "a: &x 1\n", "a: !!str 1\n", "<<: {a: 1}\n",
		"a: [b: 1]\n", "a: [x,y]\n", "a: {b:1}\n", "a: {b: 1,c: 2}\n", "a: x\n  y\n", "a: \"x\"\n  y: 1\n", "a: -1\nb: -x\n", "a: (x)\nb: +1\nc: /x\n",
		"a: |\n\n  x\n", "a: |\n  x\n# c\nb: 1\n", "a: |\n  x\n # c\nb: 1\n", "a:\n  - - x\n", "a:\n  -\n    b: 1\n", "a: yes\nb: 2024-06-30\nc: 0x1f\nd: 1e5\n",
		"a: x:y\n", "a: x :y\n", "a: [x :y]\n", "a: x: \n", "a:  \nb: 1\n", "a: {}\nb: []\n", "a: [ x , y ]\n",
		"a: x\n...\n", "a: x\n---\nb: y\n", "---\na: x\n", "- a\n", "x\n", "\n", "a: |-\n  x\n", "a: |-\n  x\n\n", "a: |-\n", "a: |-\nb: 1\n", "a: >\n", "a: - 1\n",
	} {
		compareWithLibrary(t, data)
	}
}

// TestTheSubsetAndTheLibraryAgreeOnMutatedRecords changes records at random,
// as people and accidents do.
func TestTheSubsetAndTheLibraryAgreeOnMutatedRecords(t *testing.T) {
	t.Parallel()
	files := sampleFiles(t)
	r := rand.New(rand.NewPCG(2026, 11))
	rounds := npmtest.Rounds(3_000, 30_000)
	read := 0
	for range rounds {
		if compareWithLibrary(t, mutateText(r, files[r.IntN(len(files))])) {
			read++
		}
	}
	t.Logf("%d of %d mutated records were read by the subset", read, rounds)
}

// mutateText makes a few small changes: a piece deleted, doubled, moved, or
// replaced by what means something in YAML.
func mutateText(r *rand.Rand, s string) string {
	for range 1 + r.IntN(4) {
		i := r.IntN(len(s))
		j := min(len(s), i+1+r.IntN(12))
		switch r.IntN(5) {
		case 0:
			s = s[:i] + s[j:]
		case 1:
			s = s[:j] + s[i:]
		case 2:
			s = s[:i] + pieces[r.IntN(len(pieces))] + s[i:]
		case 3:
			s = s[:i] + pieces[r.IntN(len(pieces))] + s[j:]
		case 4:
			lines := strings.SplitAfter(s, "\n")
			a, b := r.IntN(len(lines)), r.IntN(len(lines))
			lines[a], lines[b] = lines[b], lines[a]
			s = strings.Join(lines, "")
		}
		if s == "" {
			return "\n"
		}
	}
	return s
}

var pieces = []string{
	" ", "  ", "\n", "\n  ", "\n\n", ":", ": ", "-", "- ", "#", " #", "'", "\"", "[", "]", "{", "}", ",", ", ", "|", "|-\n", ">", ">-\n", "&a ", "*a", "!", "%", "@", "`",
	"?", "? ", "\\", "~", "null", "<<", "=", "é", "•", "\t", "\r", "0", "1e3", "...", "---", "--- ", "a: b", "{a: b}", "[a]", "'a'", "\"a\"", "key:\n", "\n- ", "\n# c\n",
}

func FuzzSubset(f *testing.F) {
	for _, data := range sampleFiles(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) {
		if len(data) <= MaxSize {
			compareWithLibrary(t, data)
		}
	})
}
