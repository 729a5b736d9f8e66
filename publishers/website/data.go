package website

import (
	"bytes"
	"encoding/json"
	"fmt"

	"netsync/publishers"
	"netsync/schema"
)

// maxWhole is how many records of a collection one file holds. Above it there
// is a file for each bucket of the state's digest, so that a change rewrites
// one.
const maxWhole = 5000

const bucketCount = 256

// planCollection adds data/<collection>.json. Parts lie in a folder of their
// own, where no record's file is: data/networks/parts.json is the record
// "parts", data/networks/parts/ is not.
func (i *issue) planCollection(all *plan, c schema.Collection) {
	name := "data/" + string(c) + ".json"
	var records []schema.Record
	for _, r := range i.catalog.records {
		if r.ID.Collection == c {
			records = append(records, r)
		}
	}
	if len(records) <= maxWhole {
		all.add(name, func() ([]byte, error) { return wholeFile(i.edition, c, records), nil })
		return
	}
	var buckets [bucketCount][]schema.Record
	for _, r := range records {
		b := schema.BucketOf(r.ID)
		buckets[b] = append(buckets[b], r)
	}
	parts := make([]string, bucketCount)
	for b, records := range buckets {
		parts[b] = fmt.Sprintf("%s/parts/%02x.json", c, b)
		all.add("data/"+parts[b], func() ([]byte, error) {
			return partFile(i.edition, c, b, records), nil
		})
	}
	all.add(name, func() ([]byte, error) { return indexFile(i.edition, parts), nil })
}

// wholeFile is {"dataset":…,"changeset":…,"state_digest":…,"<collection>":[…]}
// with the records' canonical JSON as it is.
func wholeFile(e publishers.Edition, c schema.Collection, records []schema.Record) []byte {
	var b bytes.Buffer
	b.WriteString(`{"dataset":` + quoted(e.Position.Dataset))
	writeState(&b, e)
	writeRecords(&b, c, records)
	return b.Bytes()
}

// indexFile names the parts by addresses relative to the file.
func indexFile(e publishers.Edition, parts []string) []byte {
	var b bytes.Buffer
	b.WriteString(`{"dataset":` + quoted(e.Position.Dataset))
	writeState(&b, e)
	b.WriteString(`,"parts":[`)
	for n, part := range parts {
		if n > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n" + quoted(part))
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// partFile does not name the changeset, so that it stays as it is while its
// records do.
func partFile(e publishers.Edition, c schema.Collection, bucket int, records []schema.Record) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"dataset":%s,"bucket":"%02x"`, quoted(e.Position.Dataset), bucket)
	writeRecords(&b, c, records)
	return b.Bytes()
}

func writeState(b *bytes.Buffer, e publishers.Edition) {
	b.WriteString(`,"changeset":` + quoted(e.Position.Changeset))
	b.WriteString(`,"state_digest":` + quoted(string(e.Position.StateDigest)))
}

func writeRecords(b *bytes.Buffer, c schema.Collection, records []schema.Record) {
	b.WriteString("," + quoted(string(c)) + ":[")
	for n, r := range records {
		if n > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		b.Write(r.JSON)
	}
	b.WriteString("\n]}\n")
}

func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(data)
}
