package validate

import (
	"fmt"
	"slices"
	"time"

	"netsync/schema"
	"netsync/worker/asset"
	"netsync/worker/snapshot"
	"netsync/worker/yaml"
)

// Options returns the options to read a snapshot whose files are checked by the rules, as of
// the day of a time.
func Options(now time.Time) snapshot.Options {
	return snapshot.Options{Check: Document, CheckAsset: Asset, Stray: Stray, Now: now}
}

// Document returns the findings about one manifest or record by itself: its form, schema,
// dates, links, identifiers and texts. The id follows from the file's path, and is zero for the
// manifest; the context is the dataset's.
func Document(d *yaml.Document, id schema.RecordID, ctx schema.Context) []schema.Finding {
	c := &check{d: d, id: id, ctx: ctx}
	for _, p := range d.Problems {
		c.findings = append(c.findings, ruleByProblem[p.Kind].newFinding(d.Path, p.Range, id, p.Pointer, p.Message))
		c.unread = append(c.unread, p.Pointer)
	}
	if d.Value == nil {
		return c.findings
	}
	if id != (schema.RecordID{}) {
		c.checkID()
	} else {
		c.checkTimeZone()
		c.checkLabels()
	}
	c.checkSchema()
	schema.ShapeOf(id.Collection).Walk(d.Value, c.checkValue)
	c.checkOrder("/membership/since", "/membership/until")
	c.checkOrder("/starts", "/ends")
	return c.findings
}

// Asset returns the findings for the problems of an image.
func Asset(name string, problems []asset.Problem) []schema.Finding {
	var findings []schema.Finding
	for _, p := range problems {
		at := yaml.Range{Line: p.Line, Column: p.Column, EndLine: p.Line, EndColumn: p.Column}
		findings = append(findings, ruleByAsset[p.Kind].newFinding(name, at, schema.RecordID{}, "", p.Message))
	}
	return findings
}

// check collects the findings of one document.
type check struct {
	d        *yaml.Document
	id       schema.RecordID
	ctx      schema.Context
	unread   []string // pointers to what could not be read as it stands
	findings []schema.Finding
}

func (c *check) add(r Rule, place yaml.Range, pointer, remedy, format string, args ...any) {
	if r == wrongValue && slices.Contains(c.unread, pointer) {
		return // the value could not be read, which has a finding
	}
	f := r.newFinding(c.d.Path, place, c.id, pointer, fmt.Sprintf(format, args...))
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

// checkValue checks one value by the kind that its schema gives.
func (c *check) checkValue(s *schema.Shape, value any, at *schema.Path) {
	text, isText := value.(string)
	if isText {
		c.checkCharacters(text, at)
	}
	switch s.Kind {
	case "edtf":
		c.checkDate(s, value, at)
	case "text":
		c.checkLanguages(value, at)
	case "markdown":
		c.checkLanguages(value, at)
		c.checkMarkdown(value, at)
	case "url":
		if says := badAddress(text); isText && says != "" {
			c.addAt(invalidLink, at.String(), "%s %s", formatSubject(at.String()), says)
		}
	case "ror", "isni":
		if isText {
			c.checkSum(s.Kind, text, at)
		}
	}
}

// addAt adds a finding at the place of a value, with the rule's own remedy.
func (c *check) addAt(r Rule, pointer, format string, args ...any) {
	c.add(r, c.d.Locate(pointer), pointer, "", format, args...)
}
