package format_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"netsync/schema/sample"
	"netsync/worker/format"
	"netsync/worker/snapshot"
)

func TestCanonicalForm(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, want string }{
		"keys are in the order of the schema, at every level": {
			"tier: key\nx-b: 1\nx-a: 2\nname: {nl: Y, en: X}\nmembership: {until: 2020, role: member}\nlinks: [{url: u, rel: r}]\nid: x\nunknown: 3\n",
			"id: x\nname: {nl: Y, en: X}\ntier: key\nmembership: {role: member, until: 2020}\nlinks: [{rel: r, url: u}]\nunknown: 3\nx-b: 1\nx-a: 2\n",
		},
		"each level is indented by two blanks": {
			"a:\n- b: 1\n  c:\n      d: 2\n-   - x\n    - y\n-\n",
			"a:\n  - b: 1\n    c:\n      d: 2\n  - - x\n    - y\n  -\n",
		},
		"line ends, blanks at them, and the end of the file": {
			"\ufeffid: x  \r\n\r\n\r\n\r\nname: y\t\r\n\r\n", "id: x\n\nname: y\n",
		},
		"a file without its last line feed": {"id: x", "id: x\n"},
		"a comment stays with its key": {
			"# The file\n\n# The tier\ntier: key # beside\n# Below the tier.\n\n# The name\nname: x\n# The end\n",
			"# The file\n\n# The name\nname: x\n# The tier\ntier: key # beside\n# Below the tier.\n\n# The end\n",
		},
		"a comment belongs to the block that it is indented as": {
			"a:\n    b: 1\n      # of b's block\n    # of it too\n  # still\n# of c\nc: 2\n",
			"a:\n  b: 1\n  # of b's block\n  # of it too\n  # still\n# of c\nc: 2\n",
		},
		"comments beside keep their column": {
			"id:   x     # one\nname: yyyy  # two\nkind: alliance # three\n",
			"id: x       # one\nname: yyyy  # two\nkind: alliance # three\n",
		},
		"comments between a key and its value": {
			"a: # one\n  # two\n  - x\nb: # three\n  # four\n  y\nc: # five\n  [z]\n",
			"a: # one\n  # two\n  - x\n# four\nb: y # three\nc: [z] # five\n",
		},
		"comments around a hyphen": {
			"a:\n- # one\n  # two\n  b: 1\n# three\n-\n  c: 2\n", "a:\n  # one\n  # two\n  - b: 1\n  # three\n  - c: 2\n",
		},
		"the modeline comes first": {
			"# ours\n# yaml-language-server: $schema=s\nname: x\nid: y\n", "# yaml-language-server: $schema=s\nid: y\n# ours\nname: x\n",
		},
		"an empty line behind the modeline stays": {
			"# yaml-language-server: $schema=s\n\n\nid: y\n", "# yaml-language-server: $schema=s\n\nid: y\n",
		},
		"a flow collection that fits stays one": {
			"a: [ 1,2,\n  {b : c,},\n]\nd: {}\n", "a: [1, 2, {b: c}]\nd: {}\n",
		},
		"one that does not, or that holds comments, becomes a block": {
			"a: {b: [" + strings.Repeat("word, ", 14) + "word], c: {d: 1}}\ne: [1, # one\n 2\n # two\n]\n",
			"a:\n  b: [" + strings.Repeat("word, ", 14) + "word]\n  c: {d: 1}\ne:\n  - 1  # one\n  - 2\n  # two\n",
		},
		"blocks of text keep their lines": {
			"a: >\n      folded\n      text\n\n        more\n\n\nb: |+2\n   x\nc: |-\n  y \n",
			"a: >\n  folded\n  text\n\n    more\n\nb: |2\n   x\nc: |-\n  y \n",
		},
		"so do lines of blanks that belong to a text": {
			"a: |\n  x\n     \n\nb: >-\n  y\n\n    z\n   \nc: |+\n\n  z\n   \n\n\nd: 1\n", "a: |\n  x\n     \nb: >-\n  y\n\n    z\n   \nc: |+\n\n  z\n   \n\n\nd: 1\n",
		},
		"empty lines that belong to a text stay": {
			"a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n",
		},
		"a text folded within quotes keeps its lines": {
			"a: \"x\n      y \\\n   z\"\nb: one\n    two\n\n    three\n", "a: \"x\n  y \\\n  z\"\nb: one\n  two\n\n  three\n",
		},
		"a # in quotes begins no comment":     {"a: [\"x # y\", 'z # z']\nb: \"# c\" # d\n", "a: [\"x # y\", 'z # z']\nb: \"# c\" # d\n"},
		"quotes stay":                         {"'a': \"b\"\nc: 'd'\n", "'a': \"b\"\nc: 'd'\n"},
		"the marks of a document go":          {"--- # one\na: 1\n... # two\n", "# one\na: 1\n# two\n"},
		"explicit keys become plain ones":     {"? a # one\n: b\n? |-\n  c: d\n: - e\n", "a: b # one\n\"c: d\":\n  - e\n"},
		"JSON in a YAML file becomes a block": {`{"name": "x", "id": "y"}`, "\"id\": \"y\"\n\"name\": \"x\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := holdLaw(t, "networks/x.yaml", test.in); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestCanonicalFormOfJSON(t *testing.T) {
	t.Parallel()
	in := "{\"name\":\"\\u00e9 \\/\", \"x-a\": [], \"id\" : \"x\",\r\n\t\"links\": [{\"url\": \"u\", \"rel\": \"r\"}], \"order\": 1.50e1}"
	want := `{
  "id": "x",
  "name": "\u00e9 \/",
  "order": 1.50e1,
  "links": [
    {
      "rel": "r",
      "url": "u"
    }
  ],
  "x-a": []
}
`
	if got := holdLaw(t, "networks/x.json", in); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheManifestHasAnOrderOfItsOwn(t *testing.T) {
	t.Parallel()
	got := holdLaw(t, "dataset.yaml", "title: x\nvocabularies: {topics: {b: B, a: A}, purposes: {}}\nschema: netsync/v1\n")
	if want := "schema: netsync/v1\ntitle: x\nvocabularies: {purposes: {}, topics: {b: B, a: A}}\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheSampleIsCanonical(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(sample.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if _, ok := snapshot.Classify(name); err != nil || entry.IsDir() || !ok {
			return err
		}
		data, err := fs.ReadFile(sample.FS(), name)
		if err != nil {
			return err
		}
		if got := holdLaw(t, name, string(data)); got != string(data) {
			t.Errorf("%s should be\n%s", name, got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotBeReadIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	_, err := format.Source("networks/x.yaml", []byte("a: 1\nb: {c: 1, c: 2}\n"))
	var unreadable *format.UnreadableError
	if !errors.As(err, &unreadable) || unreadable.Problems[0].Range.Line != 2 {
		t.Errorf("error = %v", err)
	}
}

// TestWhatWouldChangeIsRefused formats a file that would be too large to read.
func TestWhatWouldChangeIsRefused(t *testing.T) {
	t.Parallel()
	_, err := format.Source("networks/x.yaml", []byte("a: ["+strings.Repeat("x,", 100_000)+"x]\n"))
	if unsafe := (*format.UnsafeError)(nil); !errors.As(err, &unsafe) {
		t.Errorf("error = %v", err)
	}
}
