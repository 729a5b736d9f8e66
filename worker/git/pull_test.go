package git_test

import (
	"strings"
	"testing"
)

func TestThePullRequestIsFetchedWhereverItIsByNow(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	ids := s.commits(
		commit{files: files("a")},
		commit{branch: "side", parents: []int{1}, files: files("a", "b")},
		commit{branch: "side", parents: []int{2}, files: files("a", "c")},
	)
	m := mirror(t, s, "main")
	tip := fetched(t, m)
	for _, head := range ids[1:] {
		s.git("update-ref", "refs/pull/7/head", string(head))
		got, err := m.FetchPull(t.Context(), 7)
		if err != nil || got != head {
			t.Fatalf("the head is %s, not %s: %v", got, head, err)
		}
		if has, err := m.Has(t.Context(), head); err != nil || !has {
			t.Errorf("%s is not in the mirror: %v", head, err)
		}
	}
	if base, ok, err := m.MergeBase(t.Context(), tip, ids[2]); err != nil || !ok || base != ids[0] {
		t.Errorf("merge base %s, %v, %v", base, ok, err)
	}
	for _, number := range []int{8, 0, -1} {
		if _, err := m.FetchPull(t.Context(), number); err == nil || !strings.Contains(err.Error(), "refs/pull/") {
			t.Errorf("pull request %d: %v", number, err)
		}
	}
}

func TestHistoriesWithNothingInCommonHaveNoMergeBase(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	ids := s.commits(commit{files: files("a")}, commit{branch: "other", files: files("b")})
	m := mirror(t, s, "main")
	fetched(t, m)
	s.git("update-ref", "refs/pull/1/head", string(ids[1]))
	if _, err := m.FetchPull(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if base, ok, err := m.MergeBase(t.Context(), ids[0], ids[1]); err != nil || ok {
		t.Errorf("merge base %s, %v, %v", base, ok, err)
	}
	if _, _, err := m.MergeBase(t.Context(), "--all", ids[0]); err == nil {
		t.Error("an option passed for a commit")
	}
}
