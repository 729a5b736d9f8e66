package release

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzIndex checks that an index that can be decoded is the same after
// encoding, and names no file outside its release.
func FuzzIndex(f *testing.F) {
	sum := strings.Repeat("0a", 32)
	for _, s := range []string{
		"netsync release index 1, files: 0\n", "netsync release index 1, files: 1\n" + sum + " 5 1 index.html\n", "netsync release index 1, files: 2\n" + sum + " 5 1 a\n" + sum + " 5 1 a\n",
		"netsync release index 1, files: 1\n" + sum + " 5 1 ../a\n", "netsync release index 1, files: 99999999999999999999\n", "netsync release index 1, files: -1\n",
		"netsync release index 1, files: 1\n" + sum + " -5 1 a b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := decodeIndex(data)
		if err != nil {
			return
		}
		for name := range x.allFiles() {
			if checkName(name) != nil {
				t.Errorf("%q names %q", data, name)
			}
		}
		again, err := decodeIndex(x.encode())
		if err != nil || !x.hasSameFiles(again) || !bytes.Equal(x.encode(), again.encode()) {
			t.Errorf("%q is read as %v, and then as %v: %v", data, x, again, err)
		}
	})
}
