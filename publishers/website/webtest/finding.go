package webtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A Finding is a fault of a page.
type Finding struct {
	Page    string
	Checker string // nu, axe, …
	Rule    string
	Element string
	Message string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s %s: %s: %s", f.Page, f.Checker, f.Rule, f.Message, shortenElement(f.Element))
}

// maxShown limits the examples that Report gives for a rule.
const maxShown = 3

// Report fails the test if there are findings. It groups findings by rule,
// since pages of one template have the same faults.
func Report(t testing.TB, findings []Finding) {
	t.Helper()
	groups := make(map[string][]Finding)
	for _, f := range findings {
		key := f.Checker + " " + f.Rule
		groups[key] = append(groups[key], f)
	}
	for _, all := range groups {
		slices.SortFunc(all, func(a, b Finding) int {
			return cmp.Or(cmp.Compare(len(a.Page), len(b.Page)), cmp.Compare(a.Page, b.Page), cmp.Compare(a.Element, b.Element))
		})
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s: %d times, such as", all[0].Checker, all[0].Rule, len(all))
		for _, f := range all[:min(maxShown, len(all))] {
			fmt.Fprintf(&b, "\n  %s: %s\n    %s", f.Page, f.Message, shortenElement(f.Element))
		}
		t.Error(b.String())
	}
}

func shortenElement(s string) string {
	if runes := []rune(s); len(runes) > 300 {
		return string(runes[:300]) + "…"
	}
	return s
}
