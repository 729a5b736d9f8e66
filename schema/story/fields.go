package story

import (
	"slices"
	"strings"

	"netsync/schema"
)

// A format determines how the value of a field is described.
type format int

const (
	plain    format = iota // unchanged
	object                 // by field
	text                   // by language
	date                   // an EDTF date
	code                   // a word of the format, of the family field.of
	term                   // terms of the vocabulary field.of
	refer                  // ids of records of the collection field.of
	count                  // an object with a count, perhaps approximate
	number                 // the count and approximate of such an object
	link                   // a list of links
	standing               // a list of standings with other organizations
	image                  // an object with the path of an image and properties of the file
)

// A field is a field of a record.
type field struct {
	pointer string
	format  format
	of      string
	en, nl  string // label: a noun, which "… of Una Europa" can follow
}

// fields are listed in the order for readers. It is read only.
var fields = []field{
	{"/name", text, "", "Name", "Naam"},
	{"/acronym", plain, "", "Acronym", "Afkorting"},
	{"/tier", code, "tier", "Tier", "Categorie"},
	{"/order", plain, "", "Place on the overview", "Plaats op het overzicht"},
	{"/kind", code, "kind", "Kind", "Soort"},
	{"/purposes", term, "purposes", "Purposes", "Doelen"},
	{"/network", refer, "networks", "Network", "Netwerk"},
	{"/membership", object, "", "Membership", "Lidmaatschap"},
	{"/membership/status", code, "status", "Membership status", "Status van het lidmaatschap"},
	{"/membership/role", code, "role", "Membership role", "Rol"},
	{"/membership/since", date, "", "Start of membership", "Begin van het lidmaatschap"},
	{"/membership/until", date, "", "End of membership", "Einde van het lidmaatschap"},
	{"/membership/successor", refer, "networks", "Successor", "Opvolger"},
	{"/status", code, "status", "Status", "Status"},
	{"/starts", date, "", "Start", "Begin"},
	{"/ends", date, "", "End", "Einde"},
	{"/summary", text, "", "Summary", "Samenvatting"},
	{"/description", text, "", "Description", "Beschrijving"},
	{"/founded", date, "", "Founding date", "Oprichtingsdatum"},
	{"/members", count, "", "Members", "Leden"},
	{"/members/count", number, "", "Member count", "Aantal leden"},
	{"/members/as_of", date, "", "Date of member count", "Peildatum van het aantal leden"},
	{"/members/organizations", refer, "organizations", "Members", "Leden"},
	{"/countries", count, "", "Countries", "Landen"},
	{"/countries/count", number, "", "Country count", "Aantal landen"},
	{"/countries/as_of", date, "", "Date of country count", "Peildatum van het aantal landen"},
	{"/partners", refer, "organizations", "Partners", "Partners"},
	{"/place", object, "", "Place", "Plaats"},
	{"/place/city", text, "", "City", "Stad"},
	{"/place/country", plain, "", "Country", "Land"},
	{"/city", text, "", "City", "Stad"},
	{"/country", plain, "", "Country", "Land"},
	{"/regions", term, "regions", "Regions", "Regio's"},
	{"/topics", term, "topics", "Topics", "Thema's"},
	{"/standing", standing, "", "Standing", "Status bij andere organisaties"},
	{"/audience", text, "", "Audience", "Doelgroep"},
	{"/links", link, "", "Links", "Links"},
	{"/identifiers", object, "", "Identifiers", "Identificatiecodes"},
	{"/identifiers/ror", plain, "", "ROR", "ROR"},
	{"/identifiers/wikidata", plain, "", "Wikidata", "Wikidata"},
	{"/identifiers/isni", plain, "", "ISNI", "ISNI"},
	{"/identifiers/grid", plain, "", "GRID", "GRID"},
	{"/logo", image, "", "Logo", "Logo"},
	{"/logo/path", plain, "", "Logo", "Logo"},
	{"/logo/alt", text, "", "Logo description", "Beschrijving van het logo"},
	{"/aliases", plain, "", "Earlier ids", "Eerdere id's"},
	{"/id", plain, "", "Id", "Id"},
}

// fieldAt returns the field at a pointer of a collection's records, from the
// table, from the JSON Schema, or else with its key as label. order is its
// position in the table.
func fieldAt(c schema.Collection, pointer string) (f field, order int) {
	order = slices.IndexFunc(fields, func(f field) bool { return f.pointer == pointer })
	if order >= 0 {
		return fields[order], order
	}
	return shapedField(pointer, shapeAt(c, pointer)), len(fields)
}

func shapedField(pointer string, s *schema.Shape) field {
	f := field{pointer: pointer, en: s.Title}
	if f.en == "" {
		f.en = unescapeToken(pointer[strings.LastIndexByte(pointer, '/')+1:])
	}
	f.nl = f.en
	switch s = itemsOf(s); {
	case s.Kind == "text" || s.Kind == "markdown":
		f.format = text
	case s.Kind == "edtf":
		f.format = date
	case s.Reference != "":
		f.format, f.of = refer, string(s.Reference)
	case s.Vocabulary != "":
		f.format, f.of = term, s.Vocabulary
	case len(s.Properties) > 0:
		f.format = object
	}
	return f
}

// itemsOf returns the shape of a list's items. A list of texts or objects is
// shown unchanged.
func itemsOf(s *schema.Shape) *schema.Shape {
	if s.Items == nil {
		return s
	}
	if s.Items.Reference == "" && s.Items.Vocabulary == "" && s.Items.Kind != "edtf" {
		return &schema.Shape{}
	}
	return s.Items
}

// shapeAt returns the shape at a pointer, or the empty shape if the schema has
// none.
func shapeAt(c schema.Collection, pointer string) *schema.Shape {
	s := schema.ShapeOf(c)
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if s == nil {
			break
		}
		s = s.Properties[unescapeToken(key)]
	}
	if s == nil {
		return &schema.Shape{}
	}
	return s
}

// escapeToken and unescapeToken encode and decode a token of a pointer (RFC
// 6901 §3, §4).
func escapeToken(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func unescapeToken(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
