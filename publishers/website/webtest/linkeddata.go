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

// requiredProperties are the properties that readers of a schema.org type
// expect: Google's requirements for breadcrumbs and datasets, and names.
var requiredProperties = map[string][]string{
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

// LinkedData compares the JSON-LD of all pages with schema.org's vocabulary.
// The page of a record must have some.
func (s *Site) LinkedData(t testing.TB) []Finding {
	t.Helper()
	c := &linkedCheck{vocabulary: schemaOrg(t)}
	for _, p := range s.Pages {
		c.page = p
		scripts := p.jsonLD()
		if len(scripts) == 0 && p.Kind.isRecord() {
			c.add("missing", "", "a record's page says nothing to machines")
		}
		for _, script := range scripts {
			var v any
			if err := json.Unmarshal([]byte(script), &v); err != nil {
				c.add("syntax", script, err.Error())
				continue
			}
			c.checkTopLevel(v)
		}
	}
	return c.findings
}

func (p *Page) jsonLD() []string {
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

func (c *linkedCheck) checkTopLevel(v any) {
	for _, v := range asList(v) {
		node, _ := v.(map[string]any)
		if context, _ := node["@context"].(string); strings.TrimSuffix(context, "/") != "https://schema.org" {
			c.add("context", fmt.Sprint(node["@context"]), "is not https://schema.org")
		}
		if graph, ok := node["@graph"]; ok {
			for _, member := range asList(graph) {
				c.checkNode(member, nil)
			}
			continue
		}
		c.checkNode(v, nil)
	}
}

// asList returns a list, made from v if it is a single value.
func asList(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// checkNode checks an object, whose type must be one of expected unless that
// is nil.
func (c *linkedCheck) checkNode(v any, expected []string) {
	node, ok := v.(map[string]any)
	if !ok {
		c.add("node", fmt.Sprint(v), "is no object")
		return
	}
	if id, ok := node["@id"]; ok {
		c.checkAddress("@id", id)
		if len(node) == 1 {
			return // a reference to another node
		}
	}
	kinds := kindsOf(node)
	if len(kinds) == 0 {
		c.add("type", fmt.Sprint(node), "has no type")
	}
	for _, kind := range kinds {
		c.checkType(kind, node, expected)
	}
	for property, value := range node {
		if !strings.HasPrefix(property, "@") {
			c.checkProperty(kinds, property, value)
		}
	}
}

func kindsOf(node map[string]any) []string {
	var kinds []string
	for _, v := range asList(node["@type"]) {
		if kind, ok := v.(string); ok {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (c *linkedCheck) checkType(kind string, node map[string]any, expected []string) {
	if !c.vocabulary.hasType(kind) {
		c.add("type "+kind, kind, "is no type of schema.org")
		return
	}
	if expected != nil && !slices.ContainsFunc(expected, func(of string) bool { return c.vocabulary.isSubtype(kind, of) }) {
		c.add("range", kind, "may not stand where one of "+strings.Join(expected, ", ")+" is expected")
	}
	for of, needed := range requiredProperties {
		for _, property := range needed {
			if _, ok := node[property]; !ok && c.vocabulary.isSubtype(kind, of) {
				c.add("required "+of+"."+property, kind, "does not say its "+property)
			}
		}
	}
}

func (c *linkedCheck) checkProperty(kinds []string, property string, value any) {
	var types []string
	for _, kind := range kinds {
		types = append(types, c.vocabulary.valueTypes(kind, property)...)
	}
	name := strings.Join(kinds, "|") + "." + property
	if len(types) == 0 {
		c.add("property "+name, name, "is no property in schema.org")
		return
	}
	for _, v := range asList(value) {
		switch v := v.(type) {
		case map[string]any:
			c.checkNode(v, types)
		case string:
			c.checkText(name, v, types)
		case float64:
			c.checkScalar(name, v, types, "Number", "Integer", "Float", "QuantitativeValue")
		case bool:
			c.checkScalar(name, v, types, "Boolean")
		default:
			c.add("value "+name, fmt.Sprint(v), "is no value")
		}
	}
}

func (c *linkedCheck) checkScalar(name string, v any, types []string, scalars ...string) {
	if !slices.ContainsFunc(types, func(t string) bool { return slices.Contains(scalars, t) }) {
		c.add("range "+name, fmt.Sprint(v), "should be one of "+strings.Join(types, ", "))
	}
}

// isoDate matches the dates of schema.org (ISO 8601), with or without time.
var isoDate = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?)?)?$`)

func (c *linkedCheck) checkText(name, v string, types []string) {
	may := func(kinds ...string) bool {
		return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(kinds, t) })
	}
	switch {
	case strings.TrimSpace(v) == "":
		c.add("empty "+name, "", "is empty")
	case may("Text"):
	case may("URL"):
		c.checkAddress(name, v)
	case may("Date", "DateTime"):
		if !isoDate.MatchString(v) {
			c.add("date "+name, v, "is no date of ISO 8601")
		}
	case strings.HasPrefix(v, "https://schema.org/"): // a member of an enumeration
	default:
		c.add("range "+name, v, "should be one of "+strings.Join(types, ", "))
	}
}

func (c *linkedCheck) checkAddress(name string, v any) {
	s, _ := v.(string)
	if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.add("address "+name, fmt.Sprint(v), "is no whole address")
	}
}
