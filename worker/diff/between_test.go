package diff_test

import (
	"fmt"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"pgregory.net/rapid"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/diff"
)

// drawState draws a set of organizations with a few values each.
func drawState(t *rapid.T, label string) *schema.State {
	var state schema.State
	for i := range rapid.IntRange(0, 8).Draw(t, label) {
		id := schema.RecordID{Collection: schema.Organizations, ID: fmt.Sprintf("o%d", rapid.IntRange(0, 9).Draw(t, fmt.Sprint(label, i)))}
		text := rapid.StringMatching(`[a-z</&"é]{0,4}`)
		aliases := []any{}
		for _, alias := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c]`), 0, 3, rapid.ID).Draw(t, "aliases") {
			aliases = append(aliases, alias)
		}
		record, err := schema.NewRecord(id, map[string]any{
			"id": id.ID, "name": map[string]any{"en": text.Draw(t, "name")}, "aliases": aliases,
			"x-list": []any{text.Draw(t, "x"), rapid.IntRange(0, 3).Draw(t, "n"), nil},
		})
		if err != nil {
			t.Fatal(err)
		}
		state.Put(record)
	}
	return &state
}

func between(t *rapid.T, before, after *schema.State) []*event.Change {
	var ids []schema.RecordID
	for _, state := range []*schema.State{before, after} {
		for record := range state.All() {
			ids = append(ids, record.ID)
		}
	}
	changes, err := diff.Between(diff.Input{
		IDs: ids, Before: before.Stored, After: after.Stored,
		Removed: func(schema.RecordID) bool { return false },
		Alias:   func(schema.RecordID) (schema.RecordID, bool) { return schema.RecordID{}, false },
		Commits: func(schema.RecordID) []diff.Commit { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestChangesLeadFromOneStateToTheOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawState(t, "before"), drawState(t, "after")
		changes := between(t, before, after)
		for _, c := range changes {
			if record, ok := c.After(); ok {
				before.Put(record)
			} else {
				before.Remove(c.RecordID())
			}
			if c.Op == event.Updated {
				applies(t, c)
			}
		}
		if before.Digest() != after.Digest() {
			t.Fatal("the changes lead elsewhere")
		}
		if again := between(t, before, after); len(again) > 0 {
			t.Fatalf("equal states differ by %d changes", len(again))
		}
	})
}

// applies checks that the patch turns the previous record into the new one,
// with a library that did not make the patch.
func applies(t *rapid.T, c *event.Change) {
	patch, err := jsonpatch.DecodePatch(c.Patch)
	if err != nil {
		t.Fatal(err)
	}
	got, err := patch.Apply(c.Previous)
	if err != nil {
		t.Fatalf("apply %s: %v", c.Patch, err)
	}
	if canonical, err := schema.CanonicalJSON(got); err != nil || string(canonical) != string(c.Record) {
		t.Fatalf("%s + %s = %s, %v; want %s", c.Previous, c.Patch, canonical, err, c.Record)
	}
}

func TestSignificanceIsThatOfTheGreatestChange(t *testing.T) {
	t.Parallel()
	base := map[string]any{"name": "a", "order": 1, "summary": "s", "x-own": 1}
	for key, want := range map[string]event.Significance{"name": event.Major, "summary": event.Minor, "order": event.Trivial, "x-own": event.Trivial} {
		changed := map[string]any{"name": "a", "order": 1, "summary": "s", "x-own": 1}
		changed[key] = "other"
		if got := diff.Significance(schema.Networks, base, changed); got != want {
			t.Errorf("a change of %s is %s, want %s", key, got, want)
		}
	}
}
