package validate_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// BenchmarkFolder reads and checks a folder of records of about 1.6 KB, and makes
// their published form as well.
func BenchmarkFolder(b *testing.B) {
	const records = 2000
	files := fstest.MapFS{"dataset.yaml": {Data: []byte("schema: netsync/v1\nid: bench\ntitle: Many\nlanguages: [en]\nvocabularies:\n  regions: {europe: Europe, africa: Africa}\n  topics: {water: Water, energy: Energy}\n")}}
	for i := range records {
		id := fmt.Sprintf("network-%06d", i)
		files["networks/"+id+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, "id: %s\nname: {en: Network number %d}\nacronym: N%d\ntier: member\norder: %d\nkind: association\n"+
			"purposes: [collaboration, knowledge-sharing]\nfounded: %d\nmembership: {role: member, since: 2012}\n"+
			"members: {count: 11, as_of: 2026-11}\ncountries: {count: %d}\nregions: [europe, africa]\ntopics: [water, energy]\n"+
			"links:\n  - {rel: homepage, url: \"https://example.org/%d\", title: {en: Home page}}\nsummary: {en: %q}\ndescription:\n  en: |\n    %s\n",
			id, i, i, i, 1900+i%120, i%50, i, strings.Repeat("A sentence of a summary. ", 12), strings.Repeat("What the network does, and what the university does in it. ", 14))}
	}
	options := validate.Options(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	for name, checkOnly := range map[string]bool{"check": true, "publish": false} {
		b.Run(name, func(b *testing.B) {
			options.CheckOnly = checkOnly
			b.ReportAllocs()
			for b.Loop() {
				snap, delta, err := snapshot.ReadFolder(b.Context(), files, options)
				if err != nil {
					b.Fatal(err)
				}
				var checker validate.Checker
				if found := checker.Check(snap, delta); len(found) > 0 {
					b.Fatal(found[0])
				}
			}
			b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
