package website

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"

	"netsync/schema"
)

// openCSV begins a file with a heading and a line for each record (RFC 4180).
// Texts have a column for each language; several values are separated by "; ".
func (i *issue) openCSV(b *bytes.Buffer, _ []byte, c schema.Collection, _ int) recordLines {
	w := csv.NewWriter(b)
	w.UseCRLF = true
	heading := table{languages: i.edition.Manifest.Languages}
	heading.empty(c)
	err := w.Write(heading.names)
	return recordLines{
		add: func(r *brief) error {
			if err != nil {
				return err
			}
			value, err := r.decoded()
			if err != nil {
				return err
			}
			line := table{languages: heading.languages}
			line.fill(value)
			return w.Write(line.values)
		},
		end: func() error {
			w.Flush()
			return errors.Join(err, w.Error())
		},
	}
}

// A table gathers one line, and the heading that goes with it.
type table struct {
	languages     []string
	names, values []string
}

func (t *table) add(name, value string) {
	t.names = append(t.names, name)
	t.values = append(t.values, guarded(value))
}

// guarded keeps a spreadsheet from taking a text for a formula (OWASP, CSV
// injection).
func guarded(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (t *table) addText(name string, s schema.Text) {
	for _, language := range t.languages {
		t.add(name+"_"+language, s[language])
	}
}

func (t *table) addAll(name string, values []string) { t.add(name, strings.Join(values, "; ")) }

func (t *table) addCount(name string, count *int, approximate bool, asOf string) {
	shown := ""
	if count != nil {
		shown = strconv.Itoa(*count)
	}
	t.add(name, shown)
	t.add(name+"_approximate", strconv.FormatBool(approximate && count != nil))
	t.add(name+"_as_of", asOf)
}

func (t *table) fill(value any) {
	switch v := value.(type) {
	case *schema.Network:
		t.network(v)
	case *schema.Organization:
		t.organization(v)
	case *schema.Activity:
		t.activity(v)
	}
}

// empty makes the heading of a collection without records.
func (t *table) empty(c schema.Collection) {
	switch c {
	case schema.Networks:
		t.network(&schema.Network{})
	case schema.Organizations:
		t.organization(&schema.Organization{})
	default:
		t.activity(&schema.Activity{})
	}
}

func (t *table) network(n *schema.Network) {
	t.add("id", n.ID)
	t.addText("name", n.Name)
	t.add("acronym", n.Acronym)
	t.add("tier", n.Tier)
	t.add("kind", n.Kind)
	t.addAll("purposes", n.Purposes)
	t.addText("summary", n.Summary)
	t.add("founded", n.Founded)
	t.add("role", n.Membership.Role)
	t.add("since", n.Membership.Since)
	t.add("until", n.Membership.Until)
	t.add("status", string(n.Membership.Status))
	t.add("successor", n.Membership.Successor)
	var members schema.Members
	if n.Members != nil {
		members = *n.Members
	}
	t.addCount("members", members.Count, members.Approximate, members.AsOf)
	var countries schema.Count
	var count *int
	if n.Countries != nil {
		countries, count = *n.Countries, &n.Countries.Count
	}
	t.addCount("countries", count, countries.Approximate, countries.AsOf)
	t.addAll("partners", n.Partners)
	t.addAll("member_organizations", members.Organizations)
	t.addAll("regions", n.Regions)
	t.addAll("topics", n.Topics)
	t.known(n.Links, n.Identifiers)
}

func (t *table) organization(o *schema.Organization) {
	t.add("id", o.ID)
	t.addText("name", o.Name)
	t.add("acronym", o.Acronym)
	t.add("kind", o.Kind)
	t.add("country", o.Country)
	t.addText("city", o.City)
	t.addText("summary", o.Summary)
	t.known(o.Links, o.Identifiers)
}

func (t *table) activity(a *schema.Activity) {
	t.add("id", a.ID)
	t.addText("name", a.Name)
	t.add("acronym", a.Acronym)
	t.add("kind", a.Kind)
	t.add("network", a.Network)
	t.add("status", a.Status)
	t.add("starts", a.Starts)
	t.add("ends", a.Ends)
	var place schema.Place
	if a.Place != nil {
		place = *a.Place
	}
	t.addText("city", place.City)
	t.add("country", place.Country)
	t.addAll("partners", a.Partners)
	t.addAll("regions", a.Regions)
	t.addAll("topics", a.Topics)
	t.addText("summary", a.Summary)
	t.known(a.Links, schema.Identifiers{})
}

// known adds where a record is known by other names.
func (t *table) known(links []schema.Link, ids schema.Identifiers) {
	homepage := ""
	for _, l := range links {
		if l.Rel == "homepage" && homepage == "" {
			homepage = l.URL
		}
	}
	t.add("homepage", homepage)
	t.add("ror", ids.ROR)
	t.add("wikidata", ids.Wikidata)
	t.add("isni", ids.ISNI)
	t.add("grid", ids.GRID)
}
