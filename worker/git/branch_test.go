package git_test

import "testing"

// Wherever git keeps a branch, the mirror says the same as git.
func TestTheTipIsWhereGitSaysItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, ref string
		do        func(s source)
	}{
		{"a file of its own", "main", func(source) {}},
		{"packed", "main", func(s source) { s.git("pack-refs", "--all") }},
		{"moved after it was packed", "main", func(s source) {
			s.git("pack-refs", "--all")
			s.git("update-ref", "refs/heads/main", "other")
		}},
		{"HEAD", "HEAD", func(source) {}},
		{"HEAD of another branch", "HEAD", func(s source) { s.git("symbolic-ref", "HEAD", "refs/heads/other") }},
		{"HEAD of a commit", "HEAD", func(s source) { s.git("update-ref", "--no-deref", "HEAD", "other") }},
		{"a name for another branch", "main", func(s source) { s.git("symbolic-ref", "refs/heads/main", "refs/heads/other") }},
		{"a branch in a folder", "refs/heads/a/b", func(s source) { s.git("update-ref", "refs/heads/a/b", "other") }},
		{"a tag", "v1", func(s source) { s.git("tag", "-a", "-m", "One", "v1", "other") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t)
			s.commits(commit{files: files("a")}, commit{branch: "other", parents: []int{1}, files: files("b")})
			m := mirror(t, s, c.ref)
			c.do(s)
			want := s.git("rev-parse", c.ref+"^{commit}")
			if tip, err := m.Tip(t.Context()); err != nil || string(tip) != want {
				t.Errorf("Tip() = %s, %v, git says %s", tip, err, want)
			}
		})
	}
}
