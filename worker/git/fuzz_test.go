package git

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"

	"netsync/schema/shared/gitcommand"
)

// FuzzParseTree: a tree that can be read is made of nothing but its entries,
// and no name leads out of its folder.
func FuzzParseTree(f *testing.F) {
	hash := strings.Repeat("\x01\xff", 10)
	for _, s := range []string{
		"", "100644 a\x00" + hash, "40000 networks\x00" + hash + "100755 x y.yaml\x00" + hash, "120000 l\x00" + hash[:5], "100644\x00" + hash, "100644 \x00" + hash,
		"100644 a/b\x00" + hash, "40000 ..\x00" + hash, " a\x00" + hash,
	} {
		f.Add([]byte(s), false)
	}
	f.Add([]byte("100644 a\x00"+hash+hash[:12]), true)
	f.Fuzz(func(t *testing.T, data []byte, sha256 bool) {
		size := 20
		if sha256 {
			size = 32
		}
		var entries []treeEntry
		var err error
		for e := range (tree{data, size}).allEntries(&err) {
			entries = append(entries, e)
		}
		if err != nil {
			return
		}
		var again []byte
		for _, e := range entries {
			name := string(e.name)
			if hex.EncodeToString(e.hash) != string(e.toEntry().ID) || name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
				t.Errorf("%q has the entry %+v", data, e)
			}
			again = append(append(again, e.toEntry().Mode+" "+name+"\x00"...), e.hash...)
		}
		if !bytes.Equal(again, data) {
			t.Errorf("%q is read as %+v", data, entries)
		}
	})
}

// FuzzParseLog: whatever a commit says and its files are called, git's log
// gives them back, and no more commits than there are.
func FuzzParseLog(f *testing.F) {
	f.Add("Ada", "1700000000", "Add a", "Netsync-Bulk: true\n", "a\x00networks/b.yaml", []byte("\x01"))
	f.Add("", "", "", "", "\x01"+strings.Repeat("0", 40)+"\x00\x01\x00:\x00\n:x", []byte(":100644 \x00"))
	f.Add("A\nB", "-1", "\x01", "x", "", []byte("\n"))
	f.Fuzz(func(t *testing.T, author, seconds, subject, trailers, names string, raw []byte) {
		_, _ = parseLog(raw, "networks")
		want := slices.DeleteFunc(strings.Split(names, "\x00"), func(name string) bool { return name == "" })
		id := strings.Repeat("0123456789", 4)
		var out strings.Builder
		for range 2 {
			out.WriteString("\x01" + id)
			for _, field := range []string{author, seconds, subject, trailers} {
				out.WriteString("\x00" + strings.ReplaceAll(field, "\x00", ""))
			}
			out.WriteString("\x00")
			if len(want) > 0 {
				out.WriteString("\n")
			}
			for _, name := range want {
				out.WriteString(":100644 100644 c1b0730 bca70f3 M\x00" + name + "\x00")
			}
		}
		touches, err := parseLog([]byte(out.String()), "")
		if err != nil || len(touches) != 2 || touches[0].ID != CommitID(id) {
			t.Fatalf("%q: %+v, %v", out.String(), touches, err)
		}
		for _, touch := range touches {
			if !slices.Equal(touch.Paths, want) {
				t.Errorf("files %q, want %q", touch.Paths, want)
			}
			if _, err := touch.Time.MarshalJSON(); err != nil {
				t.Errorf("the time %q becomes %v: %v", seconds, touch.Time, err)
			}
		}
	})
}

// FuzzAddresses: what is shown of a repository's address holds no password,
// and nothing that git could run is let through.
func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"https://user:secret@example.org/x.git", "ssh://git@example.org/x", "ext::sh -c x", "git@example.org:x", "-u", "/srv/x", "https://a:%zz@b", "refs/heads/main"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown := gitcommand.Redact(s)
		if u, err := url.Parse(s); err == nil && u.User != nil {
			again, err := url.Parse(shown)
			if err != nil {
				t.Fatalf("%q is shown as %q: %v", s, shown, err)
			}
			if password, has := again.User.Password(); has && password != "xxxxx" {
				t.Errorf("%q is shown as %q", s, shown)
			}
		}
		if checkAddress(s) == nil && (s == "" || s[0] == '-' || strings.Contains(s, "\n") || strings.HasPrefix(s, "ext::")) {
			t.Errorf("%q is let through", s)
		}
		if checkRef(s) == nil && (s == "" || s[0] == '-' || strings.ContainsAny(s, " \n:*")) {
			t.Errorf("the ref %q is let through", s)
		}
	})
}
