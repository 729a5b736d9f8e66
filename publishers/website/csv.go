package website

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"

	"netsync/schema"
)

// openCSV begins a CSV file (RFC 4180). Texts have a column for each language;
// several values are separated by "; ".
func (b *build) openCSV(buf *bytes.Buffer, _ []byte, c schema.Collection, _ int) recordWriter {
	w := csv.NewWriter(buf)
	w.UseCRLF = true
	heading := csvRow{languages: b.edition.Manifest.Languages}
	heading.addHeading(c)
	err := w.Write(heading.names)
	return recordWriter{
		add: func(r *briefRecord) error {
			if err != nil {
				return err
			}
			value, err := r.decode()
			if err != nil {
				return err
			}
			line := csvRow{languages: heading.languages}
			line.addRecord(value)
			return w.Write(line.values)
		},
		end: func() error {
			w.Flush()
			return errors.Join(err, w.Error())
		},
	}
}

// A csvRow collects the values and column names of a row.
type csvRow struct {
	languages     []string
	names, values []string
}

func (r *csvRow) add(name, value string) {
	r.names = append(r.names, name)
	r.values = append(r.values, escapeFormula(value))
}

// escapeFormula prevents spreadsheets from evaluating a text as a formula
// (OWASP, CSV injection).
func escapeFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (r *csvRow) addText(name string, s schema.Text) {
	for _, language := range r.languages {
		r.add(name+"_"+language, s[language])
	}
}

func (r *csvRow) addAll(name string, values []string) { r.add(name, strings.Join(values, "; ")) }

func (r *csvRow) addCount(name string, count *int, approximate bool, asOf string) {
	number := ""
	if count != nil {
		number = strconv.Itoa(*count)
	}
	r.add(name, number)
	r.add(name+"_approximate", strconv.FormatBool(approximate && count != nil))
	r.add(name+"_as_of", asOf)
}

func (r *csvRow) addRecord(value any) {
	switch v := value.(type) {
	case *schema.Network:
		r.addNetwork(v)
	case *schema.Organization:
		r.addOrganization(v)
	case *schema.Activity:
		r.addActivity(v)
	}
}

// addHeading adds the columns of a collection.
func (r *csvRow) addHeading(c schema.Collection) {
	switch c {
	case schema.Networks:
		r.addNetwork(&schema.Network{})
	case schema.Organizations:
		r.addOrganization(&schema.Organization{})
	default:
		r.addActivity(&schema.Activity{})
	}
}

func (r *csvRow) addNetwork(n *schema.Network) {
	r.add("id", n.ID)
	r.addText("name", n.Name)
	r.add("acronym", n.Acronym)
	r.add("tier", n.Tier)
	r.add("kind", n.Kind)
	r.addAll("purposes", n.Purposes)
	r.addText("summary", n.Summary)
	r.add("founded", n.Founded)
	r.add("role", n.Membership.Role)
	r.add("since", n.Membership.Since)
	r.add("until", n.Membership.Until)
	r.add("status", string(n.Membership.Status))
	r.add("successor", n.Membership.Successor)
	var members schema.Members
	if n.Members != nil {
		members = *n.Members
	}
	r.addCount("members", members.Count, members.Approximate, members.AsOf)
	var countries schema.Count
	var count *int
	if n.Countries != nil {
		countries, count = *n.Countries, &n.Countries.Count
	}
	r.addCount("countries", count, countries.Approximate, countries.AsOf)
	r.addAll("partners", n.Partners)
	r.addAll("member_organizations", members.Organizations)
	r.addAll("regions", n.Regions)
	r.addAll("topics", n.Topics)
	r.addIdentifiers(n.Links, n.Identifiers)
}

func (r *csvRow) addOrganization(o *schema.Organization) {
	r.add("id", o.ID)
	r.addText("name", o.Name)
	r.add("acronym", o.Acronym)
	r.add("kind", o.Kind)
	r.add("country", o.Country)
	r.addText("city", o.City)
	r.addText("summary", o.Summary)
	r.addIdentifiers(o.Links, o.Identifiers)
}

func (r *csvRow) addActivity(a *schema.Activity) {
	r.add("id", a.ID)
	r.addText("name", a.Name)
	r.add("acronym", a.Acronym)
	r.add("kind", a.Kind)
	r.add("network", a.Network)
	r.add("status", a.Status)
	r.add("starts", a.Starts)
	r.add("ends", a.Ends)
	var place schema.Place
	if a.Place != nil {
		place = *a.Place
	}
	r.addText("city", place.City)
	r.add("country", place.Country)
	r.addAll("partners", a.Partners)
	r.addAll("regions", a.Regions)
	r.addAll("topics", a.Topics)
	r.addText("summary", a.Summary)
	r.addIdentifiers(a.Links, schema.Identifiers{})
}

// addIdentifiers adds a record's homepage and identifiers.
func (r *csvRow) addIdentifiers(links []schema.Link, ids schema.Identifiers) {
	homepage := ""
	for _, l := range links {
		if l.Rel == "homepage" && homepage == "" {
			homepage = l.URL
		}
	}
	r.add("homepage", homepage)
	r.add("ror", ids.ROR)
	r.add("wikidata", ids.Wikidata)
	r.add("isni", ids.ISNI)
	r.add("grid", ids.GRID)
}
