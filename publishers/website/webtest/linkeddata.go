package webtest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// requiredOf are the properties that a reader of schema.org's types counts on:
// what Google asks of breadcrumbs and data sets, and a name of what has one.
var requiredOf = map[string][]string{
	"Organization":   {"name"},
	"Event":          {"name"},
	"Place":          {"name"},
	"WebSite":        {"name", "url"},
	"WebPage":        {"name"},
	"Dataset":        {"name", "description"},
	"DataCatalog":    {"name"},
	"DataDownload":   {"contentUrl"},
	"BreadcrumbList": {"itemListElement"},
	"ItemList":       {"itemListElement"},
	"ListItem":       {"position"},
	"SearchAction":   {"target"},
}

// LinkedData compares the JSON-LD of all pages with schema.org's vocabulary. A
// record's page must have some.
func (s *Site) LinkedData(t testing.TB) []Finding {
	t.Helper()
	c := &linkedCheck{vocabulary: schemaOrg(t)}
	for _, p := range s.Pages {
		c.page = p
		scripts := p.linkedData()
		if len(scripts) == 0 && p.Kind.isRecord() {
			c.add("missing", "", "a record's page says nothing to machines")
		}
		for _, script := range scripts {
			var v any
			if err := json.Unmarshal([]byte(script), &v); err != nil {
				c.add("syntax", script, err.Error())
				continue
			}
			c.top(v)
		}
	}
	return c.findings
}

func (p *Page) linkedData() []string {
	var all []string
	for _, n := range p.Elements("script") {
		if Attribute(n, "type") != "application/ld+json" {
			continue
		}
		var b strings.Builder
		for c := range n.Descendants() {
			if c.Type == html.TextNode {
				b.WriteString(c.Data)
			}
		}
		all = append(all, b.String())
	}
	return all
}

type linkedCheck struct {
	vocabulary vocabulary
	page       *Page
	findings   []Finding
}

func (c *linkedCheck) add(rule, element, message string) {
	c.findings = append(c.findings, Finding{c.page.Name, "json-ld", rule, element, message})
}

func (c *linkedCheck) top(v any) {
	for _, v := range list(v) {
		node, _ := v.(map[string]any)
		if context, _ := node["@context"].(string); strings.TrimSuffix(context, "/") != "https://schema.org" {
			c.add("context", fmt.Sprint(node["@context"]), "is not https://schema.org")
		}
		if graph, ok := node["@graph"]; ok {
			for _, member := range list(graph) {
				c.node(member, nil)
			}
			continue
		}
		c.node(v, nil)
	}
}

// list takes one value for a list of it.
func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// node checks an object that may stand where one of some types is expected;
// any, where none is said.
func (c *linkedCheck) node(v any, expected []string) {
	node, ok := v.(map[string]any)
	if !ok {
		c.add("node", fmt.Sprint(v), "is no object")
		return
	}
	if id, ok := node["@id"]; ok {
		c.address("@id", id)
		if len(node) == 1 {
			return // it is described elsewhere
		}
	}
	kinds := kindsOf(node)
	if len(kinds) == 0 {
		c.add("type", fmt.Sprint(node), "has no type")
	}
	for _, kind := range kinds {
		c.kind(kind, node, expected)
	}
	for property, value := range node {
		if !strings.HasPrefix(property, "@") {
			c.property(kinds, property, value)
		}
	}
}

func kindsOf(node map[string]any) []string {
	var kinds []string
	for _, v := range list(node["@type"]) {
		if kind, ok := v.(string); ok {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (c *linkedCheck) kind(kind string, node map[string]any, expected []string) {
	if !c.vocabulary.knows(kind) {
		c.add("type "+kind, kind, "is no type of schema.org")
		return
	}
	if expected != nil && !slices.ContainsFunc(expected, func(of string) bool { return c.vocabulary.is(kind, of) }) {
		c.add("range", kind, "may not stand where one of "+strings.Join(expected, ", ")+" is expected")
	}
	for of, needed := range requiredOf {
		for _, property := range needed {
			if _, ok := node[property]; !ok && c.vocabulary.is(kind, of) {
				c.add("required "+of+"."+property, kind, "does not say its "+property)
			}
		}
	}
}

func (c *linkedCheck) property(kinds []string, property string, value any) {
	var types []string
	for _, kind := range kinds {
		types = append(types, c.vocabulary.values(kind, property)...)
	}
	name := strings.Join(kinds, "|") + "." + property
	if len(types) == 0 {
		c.add("property "+name, name, "is no property in schema.org")
		return
	}
	for _, v := range list(value) {
		switch v := v.(type) {
		case map[string]any:
			c.node(v, types)
		case string:
			c.text(name, v, types)
		case float64:
			c.scalar(name, v, types, "Number", "Integer", "Float", "QuantitativeValue")
		case bool:
			c.scalar(name, v, types, "Boolean")
		default:
			c.add("value "+name, fmt.Sprint(v), "is no value")
		}
	}
}

func (c *linkedCheck) scalar(name string, v any, types []string, scalars ...string) {
	if !slices.ContainsFunc(types, func(t string) bool { return slices.Contains(scalars, t) }) {
		c.add("range "+name, fmt.Sprint(v), "should be one of "+strings.Join(types, ", "))
	}
}

// isoDate is a date as schema.org has them (ISO 8601), with a time or without.
var isoDate = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?)?)?$`)

func (c *linkedCheck) text(name, v string, types []string) {
	may := func(kinds ...string) bool {
		return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(kinds, t) })
	}
	switch {
	case strings.TrimSpace(v) == "":
		c.add("empty "+name, "", "is empty")
	case may("Text"):
	case may("URL"):
		c.address(name, v)
	case may("Date", "DateTime"):
		if !isoDate.MatchString(v) {
			c.add("date "+name, v, "is no date of ISO 8601")
		}
	case strings.HasPrefix(v, "https://schema.org/"): // a member of an enumeration
	default:
		c.add("range "+name, v, "should be one of "+strings.Join(types, ", "))
	}
}

func (c *linkedCheck) address(name string, v any) {
	s, _ := v.(string)
	if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.add("address "+name, fmt.Sprint(v), "is no whole address")
	}
}
