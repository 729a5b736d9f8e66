package schema_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"netsync/schema"
	"netsync/schema/testkit/npmtest"
)

func TestValidAcceptsSamplesAndExamples(t *testing.T) {
	t.Parallel()
	for _, c := range allKinds() {
		for _, record := range validRecords(t, c) {
			if !schema.Valid(c, record) {
				t.Errorf("%q: %v is not valid: %v", c, record, schema.Validator(c).Validate(record))
			}
		}
	}
}

// TestValidAgreesWithTheLibrary changes valid records in 100,000 ways.
func TestValidAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	each := npmtest.Rounds(10_000, 100_000) / len(allKinds())
	for i, c := range allKinds() {
		t.Run("kind="+string(c), func(t *testing.T) {
			t.Parallel()
			records, shape := validRecords(t, c), schema.ShapeOf(c)
			m := mutator{rand.New(rand.NewPCG(uint64(i), 1))}
			var valid, invalid int
			for range each {
				record := m.mutated(pick(m, records), shape)
				err := schema.Validator(c).Validate(record)
				if schema.Valid(c, record) != (err == nil) {
					t.Fatalf("Valid says %v, the library says %v, of %#v", err != nil, err, record)
				}
				if err == nil {
					valid++
				} else {
					invalid++
				}
			}
			t.Logf("%d records agreed: %d valid, %d not", each, valid, invalid)
			if min(valid, invalid) < each/10 {
				t.Errorf("%d valid and %d not: too few of one to show much", valid, invalid)
			}
		})
	}
}

func FuzzValidAgreesWithLibrary(f *testing.F) {
	for i, c := range allKinds() {
		m := mutator{rand.New(rand.NewPCG(uint64(i), 2))}
		for _, record := range validRecords(f, c) {
			for _, v := range []any{record, m.mutated(record, schema.ShapeOf(c))} {
				if text, err := json.Marshal(v); err == nil {
					f.Add(string(text))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := schema.DecodeJSON([]byte(text))
		if err != nil {
			return
		}
		for _, c := range allKinds() {
			err := schema.Validator(c).Validate(value)
			if schema.Valid(c, value) != (err == nil) {
				t.Errorf("%q: Valid says %v, the library says %v", c, err != nil, err)
			}
		}
	})
}

func TestValidTakesNoMemory(t *testing.T) {
	for _, c := range allKinds() {
		for name, record := range sampleRecords(t, c) {
			if n := testing.AllocsPerRun(10, func() { schema.Valid(c, record) }); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	}
}

// benchmark measures the sample records of each kind; one operation is one
// record.
func benchmark(b *testing.B, validate func(c schema.Collection, record any) bool) {
	for _, c := range allKinds() {
		b.Run("kind="+string(c), func(b *testing.B) {
			records := slices.Collect(maps.Values(sampleRecords(b, c)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if !validate(c, records[i%len(records)]) {
					b.Fatal("a sample record is not valid")
				}
			}
		})
	}
}

func BenchmarkValid(b *testing.B) { benchmark(b, schema.Valid) }

func BenchmarkLibrary(b *testing.B) {
	benchmark(b, func(c schema.Collection, record any) bool { return schema.Validator(c).Validate(record) == nil })
}
