package release

import (
	"strings"
	"testing"
)

// FuzzIndex checks that a log that can be decoded is the same after encoding,
// and names no file outside its release.
func FuzzIndex(f *testing.F) {
	sum := strings.Repeat("0a", 32)
	for _, s := range []string{
		"", "release 1 - 0 1\n", "release 1 - 1 1\n" + sum + " 5 1 index.html\n", "release 1 - 2 1\n" + sum + " 5 1 a\n" + sum + " 5 1 a\n",
		"release 1 - 1 1\n" + sum + " 5 1 ../a\n", "release 1 - 99999999999999999999 1\n", "release ../1 - 0 1\n", "release 1 - -1 1\n",
		"release 1 1 0 1\n", "release 1 - 1 1\n" + sum + " -5 1 a b\n", "release 1 - 0 1\ngone a\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		r, err := decodeBlock([]byte(lines), func(string) (index, bool) { return index{}, false })
		if err != nil {
			return
		}
		for name := range r.index.allFiles() {
			if checkName(name) != nil {
				t.Errorf("%q names %q", lines, name)
			}
		}
		if again := decodeLog(encodeLog([]*indexed{r})); len(again.releases) != 1 || !isPrefix(again, []*indexed{r}) {
			t.Errorf("%q is read as %v, and then as %v", lines, r, again)
		}
	})
}
