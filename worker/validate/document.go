package validate

import (
	"fmt"
	"strconv"
	"time"
	"unicode"

	"netsync/schema"
	"netsync/worker/snapshot"
)

// Document finds what is wrong with one file by itself: its form, its schema,
// its dates and its texts. The id is that which the file's place gives it;
// zero for the manifest.
func Document(d *snapshot.Document, id schema.RecordID) []schema.Finding {
	c := &check{d: d, id: id}
	for _, p := range d.Problems {
		c.findings = append(c.findings, ruleByProblem[p.Kind].at(d.Path, p.Range, id, p.Pointer, p.Message))
	}
	if d.Value == nil {
		return c.findings
	}
	if id != (schema.RecordID{}) {
		c.checkID()
	} else {
		c.checkTimeZone()
	}
	c.checkSchema()
	c.walk(schema.ShapeOf(id.Collection), d.Value, "")
	c.checkOrder("/membership/since", "/membership/until")
	c.checkOrder("/starts", "/ends")
	return c.findings
}

// check gathers the findings of one document.
type check struct {
	d        *snapshot.Document
	id       schema.RecordID
	findings []schema.Finding
}

func (c *check) add(r Rule, place snapshot.Range, pointer, remedy, format string, args ...any) {
	f := r.at(c.d.Path, place, c.id, pointer, fmt.Sprintf(format, args...))
	if remedy != "" {
		f.Remedy = remedy
	}
	c.findings = append(c.findings, f)
}

func (c *check) checkID() {
	if !schema.ValidID(c.id.ID) {
		c.add(idMismatch, c.d.Locate("/id"), "/id", "Rename the file; use lower-case letters, digits and single hyphens, at most 64 in all.",
			"the file's name %q cannot be an id", c.id.ID)
		return
	}
	if id, ok := c.d.Value["id"].(string); ok && id != c.id.ID {
		c.add(idMismatch, c.d.Locate("/id"), "/id", fmt.Sprintf("Write id: %s, or rename the file.", c.id.ID),
			"the id %q is not the file's name, %q", id, c.id.ID)
	}
}

func (c *check) checkTimeZone() {
	zone, ok := c.d.Value["time_zone"].(string)
	if !ok {
		return
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		c.add(wrongValue, c.d.Locate("/time_zone"), "/time_zone", "Write a name of the IANA time zone database, such as Europe/Amsterdam.",
			"%q is not a time zone", zone)
	}
}

// walk looks at every string: dates by their annotation, all for characters
// that must not be there.
func (c *check) walk(s *schema.Shape, value any, pointer string) {
	if s == nil {
		s = &schema.Shape{}
	}
	if s.Kind == "edtf" {
		c.checkDate(value, pointer)
		return
	}
	switch value := value.(type) {
	case string:
		c.checkCharacters(value, pointer)
	case []any:
		for i, item := range value {
			c.walk(s.Items, item, snapshot.PointerTo(pointer, strconv.Itoa(i)))
		}
	case map[string]any:
		for key, item := range value {
			c.walk(s.Property(key), item, snapshot.PointerTo(pointer, key))
		}
	}
}

func (c *check) checkDate(value any, pointer string) {
	text, ok := dateText(value)
	if !ok {
		return // the schema says what is wrong
	}
	if _, err := schema.ParseEDTF(text); err != nil {
		c.add(invalidDate, c.d.Locate(pointer), pointer, "", "%v", err)
	}
}

func (c *check) checkOrder(since, until string) {
	from, ok1 := dateText(c.d.Lookup(since))
	to, ok2 := dateText(c.d.Lookup(until))
	if !ok1 || !ok2 {
		return
	}
	a, err1 := schema.ParseEDTF(from)
	b, err2 := schema.ParseEDTF(to)
	if err1 == nil && err2 == nil && !b.Last.IsZero() && b.Last.Before(a.First) {
		c.add(dateOrder, c.d.Locate(until), until, "", "%s is before %s", to, from)
	}
}

func dateText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case fmt.Stringer: // json.Number
		return v.String(), true
	}
	return "", false
}

func (c *check) checkCharacters(text, pointer string) {
	for _, r := range text {
		if forbidden(r) {
			c.add(controlChar, c.d.Locate(pointer), pointer, "", "the text holds the character U+%04X", r)
			return
		}
	}
}

// forbidden are controls but for line feed and tab, and the characters that
// override or isolate the direction of writing (Unicode TR 36 §3.2).
func forbidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return unicode.IsControl(r)
}
