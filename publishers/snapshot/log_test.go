package snapshot

import (
	"bytes"
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A tale is a history of one record, whose changesets come at any times.
type tale struct {
	state   *schema.State
	entries []publishers.Entry
}

func (s *tale) tell(t interface{ Fatal(...any) }, at time.Time) {
	id := schema.RecordID{Collection: schema.Networks, ID: "leru"}
	n := len(s.entries)
	r, err := schema.NewRecord(id, map[string]any{"id": "leru", "n": float64(n)})
	if err != nil {
		t.Fatal(err)
	}
	c := &event.Change{Collection: id.Collection, ID: id.ID, Op: event.Created, Digest: &r.Digest, Record: r.JSON}
	if before, ok := s.state.Get(id); ok {
		c.Op, c.PreviousDigest = event.Updated, &before.Digest
	}
	s.state.Put(r)
	set := &event.Changeset{ID: fmt.Sprintf("c@%d", 2*n), StateDigest: s.state.Digest(), ManifestDigest: "sha256:m"}
	s.entries = append(s.entries, publishers.Entry{Changeset: set, Sequence: event.Seq(2*n + 2), Time: at, Changes: []*event.Change{c}})
}

func (s *tale) edition(from int) publishers.Edition {
	last := s.entries[len(s.entries)-1]
	return publishers.Edition{
		Position: event.Position{Dataset: "d", Changeset: last.Changeset.ID, Sequence: last.Sequence, StateDigest: last.Changeset.StateDigest},
		State:    s.state, Entries: s.entries[from:],
	}
}

// TestALogThatGrewIsOneThatWasMadeAtOnce cuts logs at every step, and once.
func TestALogThatGrewIsOneThatWasMadeAtOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &tale{state: &schema.State{}}
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var grown Log
		files := make(map[string][]byte)
		told := 0
		for range rapid.IntRange(1, 12).Draw(t, "changesets") {
			day = day.AddDate(0, 0, rapid.IntRange(-20, 60).Draw(t, "days"))
			s.tell(t, day)
			if rapid.Bool().Draw(t, "publish") {
				continue
			}
			var news News
			var err error
			if grown, news, err = grown.Extend(s.edition(told)); err != nil {
				t.Fatal(err)
			}
			told = len(s.entries)
			maps.Copy(files, news.Files)
			for _, name := range news.Gone {
				delete(files, name)
			}
			once, all, err := Log{}.Extend(s.edition(0))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := grown.Encode()
			want, _ := once.Encode()
			if !bytes.Equal(got, want) {
				t.Fatalf("grown:   %s\nat once: %s", got, want)
			}
			if !maps.EqualFunc(files, all.Files, bytes.Equal) {
				t.Fatalf("files grown: %d, at once: %d", len(files), len(all.Files))
			}
			again, err := DecodeLog(got)
			if err != nil {
				t.Fatal(err)
			}
			if encoded, _ := again.Encode(); !bytes.Equal(encoded, got) {
				t.Fatalf("read and written again: %s", encoded)
			}
		}
	})
}

// TestWhatDoesNotHoldIsRefused gives an edition whose deltas lead elsewhere.
func TestWhatDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*publishers.Edition){
		"another record": func(e *publishers.Edition) {
			change := *e.Entries[1].Changes[0]
			change.Record = []byte(`{"id":"leru"}`)
			digest := schema.DigestOf(change.Record)
			change.Digest = &digest
			e.Entries[1].Changes = []*event.Change{&change}
			e.State = &schema.State{}
		},
		"a record that is not its digest's": func(e *publishers.Edition) {
			change := *e.Entries[1].Changes[0]
			change.Record = []byte(`{"id":"leru","n":7}`)
			e.Entries[1].Changes = []*event.Change{&change}
		},
		"another past": func(e *publishers.Edition) {
			change := *e.Entries[1].Changes[0]
			digest := schema.DigestOf(nil)
			change.PreviousDigest = &digest
			e.Entries[1].Changes = []*event.Change{&change}
		},
		"a changeset that is missing": func(e *publishers.Edition) { e.Entries = e.Entries[:1] },
	} {
		s := &tale{state: &schema.State{}}
		for n := range 3 {
			s.tell(t, time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC))
		}
		e := s.edition(0)
		if _, _, err := (Log{}).Extend(e); err != nil {
			t.Fatal(err)
		}
		spoil(&e)
		if _, _, err := (Log{}).Extend(e); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	s := &tale{state: &schema.State{}}
	for n := range 2 {
		s.tell(f, time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC))
	}
	log, news, err := Log{}.Extend(s.edition(0))
	if err != nil {
		f.Fatal(err)
	}
	data, err := log.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for _, data := range news.Files {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := DecodeLog(data); err == nil {
			if _, err := l.Encode(); err != nil {
				t.Error(err)
			}
		}
		if d, err := DecodeDelta(data); err == nil {
			if _, err := d.encode(); err != nil {
				t.Error(err)
			}
		}
	})
}
