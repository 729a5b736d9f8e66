package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"

	"netsync/schema"
	"netsync/schema/event"
)

// Heading returns the beginning of a file with all records of a collection:
// {"dataset":…,"changeset":…,"state_digest":….
func Heading(p event.Position) []byte {
	return fmt.Appendf(nil, `{"dataset":%s,"changeset":%s,"state_digest":%s`,
		quoteText(p.Dataset), quoteText(p.Changeset), quoteText(string(p.StateDigest)))
}

// BucketHeading returns the beginning of a part. It does not name the changeset, so that a part
// changes only with its records.
func BucketHeading(dataset string, bucket int) []byte {
	return fmt.Appendf(nil, `{"dataset":%s,"bucket":"%02x"`, quoteText(dataset), bucket)
}

// Records writes a file with records, sorted by id, in their canonical JSON.
type Records struct {
	b   *bytes.Buffer
	any bool
}

// BeginRecords returns the beginning of a file with records.
func BeginRecords(b *bytes.Buffer, heading []byte, c schema.Collection) *Records {
	b.Write(heading)
	b.WriteString("," + quoteText(string(c)) + ":[")
	return &Records{b: b}
}

// Add writes the next record.
func (r *Records) Add(record json.RawMessage) {
	if r.any {
		r.b.WriteByte(',')
	}
	r.any = true
	r.b.WriteByte('\n')
	r.b.Write(record)
}

// End writes the end of the file.
func (r *Records) End() { r.b.WriteString("\n]}\n") }

// EncodeParts encodes the list of parts, with addresses relative to the file.
func EncodeParts(heading []byte, c schema.Collection, ext string) []byte {
	b := bytes.NewBuffer(bytes.Clone(heading))
	b.WriteString(`,"parts":[`)
	for bucket := range Buckets {
		if bucket > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + quoteText(PartOf(c, bucket, ext)))
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

func quoteText(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(data)
}
