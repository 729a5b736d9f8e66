package git_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"netsync/worker/git"
)

// messages are of all the forms that git reads in ways of its own.
var messages = []string{
	"A subject", "A subject\n\nAnd a body.", "A subject\n\nTold: so", "Subject\n\nBody\n\nNetsync-Bulk: true", "Netsync-Bulk: true",
	"Two\nlines", "Two\nlines\n\nSigned-off-by: Ada", "Umlaut äöü", "Bytes \xff\xfe", "Tab\there", " begins with a space", "\n\nbegins late",
	"Subject \n\nBody", "Subject\n \nNot a body", "S\n\n\nNetsync-Bulk: true", "S\n\nB\n\n(cherry picked from commit 0)", "S\n\nNetsync-Bulk: true\n---\nmore",
}

// A short history is read without git log. What is told must be the same: one
// commit more, on which nobody asks, makes git tell.
func TestShortHistoriesAreReadAsGitReadsThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(rt, "commits")
		var history []commit
		for i := range n {
			c := commit{
				message: rapid.SampledFrom(messages).Draw(rt, "message"),
				author:  rapid.SampledFrom([]string{"Ada", "Ada Lovelace", "Zoë", "A. \"B\" C", "\xffx"}).Draw(rt, "author"),
			}
			for _, name := range []string{"a", "sub/b", "sub/deep/c", "other/d"} {
				if v := rapid.IntRange(0, 2).Draw(rt, name); v > 0 {
					c.files = append(c.files, file{path: name, content: fmt.Sprint(v)})
				}
			}
			if i > 0 {
				c.parents = []int{i}
			}
			history = append(history, c)
		}
		s := newSource(t)
		ids := s.commits(history...)
		folder := rapid.SampledFrom([]string{"", "sub", "sub/deep", "none"}).Draw(rt, "folder")
		r, err := git.OpenRepository(t.Context(), s.dir)
		if err != nil {
			rt.Fatal(err)
		}
		defer r.Close()
		got, err := r.Log(t.Context(), ids[0], ids[n-1], folder)
		if err != nil {
			rt.Fatal(err)
		}
		all, err := r.Log(t.Context(), "", ids[n-1], folder) // by git: it begins nowhere
		if err != nil {
			rt.Fatal(err)
		}
		var want []git.Touch
		for _, touch := range all {
			if touch.ID != ids[0] {
				want = append(want, touch)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Errorf("-git +netsync:\n%s", diff)
		}
		for _, touch := range want {
			if one, err := r.Commit(t.Context(), touch.ID); err != nil || !cmp.Equal(one, touch.Commit) {
				rt.Errorf("Commit(%s) = %+v, %v, want %+v", touch.ID, one, err, touch.Commit)
			}
		}
	})
}
