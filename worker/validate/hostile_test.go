package validate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"netsync/schema"
	"netsync/schema/testkit/corpora"
	"netsync/schema/testkit/npmtest"
	"netsync/worker/yaml"
)

// nested puts a value into a number of maps or lists.
func nested(n int, opening, value, closing string) string {
	return strings.Repeat(opening, n) + value + strings.Repeat(closing, n)
}

// blocks is a number of maps in one another, each on a line of its own.
func blocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return strings.TrimSuffix(b.String(), "\n") + " 1\n"
}

func utf16le(text string) string {
	b := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(text)) {
		b = append(b, byte(c), byte(c>>8))
	}
	return string(b)
}

// bombs is a file whose last value has 10^9 items once its aliases are
// followed.
func bombs() string {
	var b strings.Builder
	b.WriteString("x-a0: &a0 [lol]\n")
	for i := 1; i <= 9; i++ {
		fmt.Fprintf(&b, "x-a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

// TestWhatADatasetLeavesOutOfYAMLAndJSONIsRefusedByName holds the first finding
// of each file against the rule that must make it, and where.
func TestWhatADatasetLeavesOutOfYAMLAndJSONIsRefusedByName(t *testing.T) {
	t.Parallel()
	all := &tally{}
	for name, test := range map[string]struct {
		file, data, rule string
		line, column     int
	}{
		"256 KiB and a byte":        {"yaml", strings.Repeat("#", yaml.MaxSize+1), "NS005", 1, 1},
		"256 KiB and a byte, JSON":  {"json", strings.Repeat(" ", yaml.MaxSize+1), "NS005", 1, 1},
		"65 levels of blocks":       {"yaml", blocks(65), "NS006", 65, 65},
		"65 levels of lists":        {"yaml", nested(65, "- ", "a", ""), "NS006", 1, 129},
		"65 levels of brackets":     {"yaml", "a: " + nested(64, "[", "1", "]"), "NS006", 1, 67},
		"65 levels of JSON":         {"json", nested(65, `{"a":`, "1", "}"), "NS006", 1, 321},
		"65 levels of JSON, lists":  {"json", `{"a":` + nested(64, "[", "1", "]") + "}", "NS006", 1, 69},
		"an alias":                  {"yaml", "a: *x\n", "NS001", 1, 4},
		"an alias of an anchor":     {"yaml", "a: &x 1\nb: *x\n", "NS003", 1, 4},
		"a merge":                   {"yaml", "a:\n  <<: {b: 1}\n", "NS003", 2, 3},
		"a tag":                     {"yaml", "a: !!binary aGk=\n", "NS003", 1, 4},
		"a tag of one's own":        {"yaml", "a: !ruby/object:X {}\n", "NS003", 1, 4},
		"a tagged key":              {"yaml", "!!str a: 1\n", "NS003", 1, 1},
		"a billion laughs":          {"yaml", bombs(), "NS003", 1, 7},
		"a doubled key":             {"yaml", "id: a\nid: b\n", "NS002", 2, 1},
		"a doubled key in JSON":     {"json", `{"id": "a", "id": "b"}`, "NS002", 1, 13},
		"a key that is a map":       {"yaml", "{a: 1}: 2\n", "NS003", 1, 1},
		"UTF-16":                    {"yaml", utf16le("id: a\n"), "NS004", 1, 1},
		"UTF-16, JSON":              {"json", utf16le(`{"id": "a"}`), "NS004", 1, 1},
		"Latin-1":                   {"yaml", "id: a\nname: Universit\xe9\n", "NS004", 2, 16},
		"NUL":                       {"yaml", "id: a\nname: \x00\n", "NS004", 2, 7},
		"half a character":          {"yaml", "name: é\xc3", "NS004", 1, 8},
		"half a surrogate pair":     {"json", `{"id": "\ud800"}`, "NS003", 1, 8},
		"a number beyond all":       {"yaml", "order: 1e999\n", "NS018", 1, 8},
		"a number beyond exactness": {"json", `{"order": 9007199254740992}`, "NS018", 1, 11},
		"a number of 1,000 digits":  {"yaml", "order: " + strings.Repeat("9", 1000) + "\n", "NS018", 1, 8},
		"two documents":             {"yaml", "id: a\n---\nid: b\n", "NS001", 2, 1},
		"two values":                {"json", "{}\n{}", "NS001", 2, 1},
		"a control character":       {"json", `{"x-a": "\u001b[31m"}`, "NS019", 1, 9},
		"a bidirectional override":  {"yaml", "x-a: a\u202eb\n", "NS019", 1, 7},
		"nothing":                   {"yaml", "", "NS001", 1, 1},
		"a text":                    {"yaml", "only words\n", "NS001", 1, 1},
	} {
		_, findings := all.try(t, "networks/a."+test.file, test.data)
		schema.SortFindings(findings)
		found := slices.ContainsFunc(findings, func(f schema.Finding) bool {
			return f.Rule == test.rule && f.Line == test.line && f.Column == test.column
		})
		if !found {
			t.Errorf("%s: %v, want %s at %d:%d", name, findings[:min(3, len(findings))], test.rule, test.line, test.column)
		}
	}
	fmt.Printf("refused by name: %v\n", all)
}

func TestLimitsThemselvesAreAllowed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, data string }{
		"256 KiB":                {"yaml", "id: a\n" + strings.Repeat("#", yaml.MaxSize-6)},
		"256 KiB, JSON":          {"json", `{"id": "a"}` + strings.Repeat(" ", yaml.MaxSize-11)},
		"64 levels":              {"yaml", blocks(64)},
		"64 levels of brackets":  {"yaml", "a: " + nested(63, "[", "1", "]")},
		"64 levels of JSON":      {"json", nested(64, `{"a":`, "1", "}")},
		"a byte order mark":      {"yaml", "\uFEFFid: a\n"},
		"the largest number":     {"json", `{"order": 9007199254740991}`},
		"a number in quotes":     {"yaml", "x-a: \"99999999999999999999\"\n"},
		"line ends of Windows":   {"yaml", "id: a\r\nname: b\r\n"},
		"a surrogate pair":       {"json", `{"x-a": "\ud83d\ude00"}`},
		"one document, ended":    {"yaml", "---\nid: a\n...\n"},
		"what would be a number": {"yaml", "x-a: 0x1F\nx-b: 1_000\nx-c: 012\n"},
	} {
		d := yaml.Parse("networks/a."+test.file, []byte(test.data))
		if d.Value == nil || len(d.Problems) > 0 {
			t.Errorf("%s: %v", name, d.Problems)
		}
	}
}

// full fills a file with a piece, as far as it goes.
func full(begin, piece, end string) string {
	return begin + strings.Repeat(piece, (yaml.MaxSize-len(begin)-len(end))/len(piece)) + end
}

// many fills a file with what a format makes of 0, 1, 2, …
func many(begin, format, end string) string {
	var b strings.Builder
	b.WriteString(begin)
	for i := 0; ; i++ {
		next := fmt.Sprintf(format, i)
		if b.Len()+len(next)+len(end) > yaml.MaxSize {
			return b.String() + end
		}
		b.WriteString(next)
	}
}

// TestNoFileTakesLong fills files to the last byte with what is costly: for the
// parser, for finding the place of an error, for saying what is wrong.
func TestNoFileTakesLong(t *testing.T) {
	npmtest.Need(t, "long")
	all := &tally{}
	kinds := []string{"networks/a.yaml", "networks/a.json"}
	if corpora.Every() == 1 {
		kinds = append(kinds, "dataset.yaml", "activities/a.yaml")
	}
	for name, data := range map[string]string{
		"[": full("", "[", ""), "{": full("", "{", ""), "- - -": full("", "- ", ""), "quote": full("", `"`, ""), "? ": full("", "? ", ""), ": ": full("", ": ", ""),
		"? on lines": full("", "?\n", ""), ": on lines": full("", ":\n", ""), "- on lines": full("", "-\n", ""), "{a: ": full("", "{a: ", ""), "[a]: ": full("", "[a]: ", ""),
		"[?": full("", "[?", ""), "{, ": full("{", "a, ", ""), "! ": full("x: [", "!a b,", "]"), "&": full("x: [", "&a b,", "]"), "*": full("x: [&a b, ", "*a, ", "b]"),
		"%": full("", "%YAML 1.1\n", ""), "---": full("", "---\n", ""), "line feeds": full("", "\n", ""), "blanks": full("", " ", ""), "tabs": full("a:", "\t", ""),
		"lines of Unicode": full("a: b", "\u0085", "\n"), "carriage returns": full("", "a: 1\r", ""), "comments": full("", "# x\n", ""), "empty lists": full("a: [", "[],", "]"),
		"a long text": full("name: ", "x ", "\n"), "a long block": full("name: |\n", " x\n", ""), "a long fold": full("name: >\n", " x\n\n", ""), "escapes": full(`a: "`, `\x41`, `"`),
		"lines in quotes": full(`a: "b`, "\n c", `"`), "a long key": full("", "x", ": 1\n"), "a long key in quotes": full(`"`, "x", `": 1`), "a long explicit key": full("? ", "x", "\n: 1\n"),
		"keys of 1,000 letters": many("", strings.Repeat("id", 500)+"%d: 1\n", ""), "100,000 keys": many("x-a: {", "%x,", "}"), "100,000 keys with values": many("{", "x-%x: ,", "}"),
		"unknown keys": many("", "k%d: 1\n", ""), "unknown keys on a line": many("{", "k%d: 1, ", "}"), "unknown keys beyond ASCII": many("{", "é%d: 1, ", "}"),
		"nearly known keys": many("", "acronym%d: 1\n", ""), "unknown keys of links": many("links:\n", "- {rel: 1, a%d: 3}\n", ""), "doubled keys": full("", "a: 1\n", ""),
		"doubled keys on a line": full("{", "a: 1, ", "}"), "merges": full("", "<<: {a: 1}\n", ""), "huge numbers": full("a: [", "99999999999999999999,", "]"),
		"members": many("members: [", "p%d,", "]"), "wrong members": many("members: [", "P_%d,", "]"), "one member often": full("members: [", "a,", "]"),
		"languages": many("name: {", "l%d: x,", "}"), "terms": many("vocabularies: {topics: {", "T_%d: x,", "}}"), "control characters": many("", "x-%d: \"\\x01\"\n", ""),
		"a long date": full("founded: ", "1", "\n"), "a long address": full("links: [{url: ", "http://", "}]\n"), "a long path": full("logo: {path: assets", "/a", "}\n"),
		"a long word of few": full("tier: ", "key", "\n"), "JSON": full(`{"a":[`, `{"b":1},`, `1]}`), "deep JSON": full("", `{"a":`, ""), "JSON with unknown keys": many("{", `"k%d":1,`, `"z":1}`),
		"JSON that ends early": full("[", "[],", ""), "JSON with escapes": full(`{"a":"`, `\u0041`, `"}`),
	} {
		for _, file := range kinds {
			if len(data) > yaml.MaxSize {
				t.Fatalf("%s is too large to show anything: %d bytes", name, len(data))
			}
			all.try(t, file, data)
		}
	}
	fmt.Printf("files to the last byte: %v\n", all)
}
