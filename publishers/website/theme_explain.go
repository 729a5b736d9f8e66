package website

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"netsync/schema/shared"
)

// bodyTypes holds the type of .Body of each page's template.
var bodyTypes = map[string]reflect.Type{
	"about.html":       reflect.TypeFor[aboutView](),
	"changes.html":     reflect.TypeFor[changesView](),
	"connections.html": reflect.TypeFor[connectionsView](),
	"list.html":        reflect.TypeFor[listView](),
	"message.html":     reflect.TypeFor[messageView](),
	"overview.html":    reflect.TypeFor[overviewView](),
	"record.html":      reflect.TypeFor[recordView](),
	"search.html":      reflect.TypeFor[searchView](),
	"vocabulary.html":  reflect.TypeFor[vocabularyView](),
}

// viewTypes returns all types that templates can reach, by name.
func viewTypes() map[string]reflect.Type {
	all := make(map[string]reflect.Type)
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || all[t.String()] != nil || !strings.HasPrefix(t.String(), "website.") {
			return
		}
		all[t.String()] = t
		for n := range t.NumField() {
			visit(t.Field(n).Type)
		}
	}
	visit(reflect.TypeFor[pageView]())
	visit(reflect.TypeFor[fragmentView]())
	for _, view := range bodyTypes {
		visit(view)
	}
	return all
}

// templateFields returns the fields and methods that a template can use,
// including those of embedded views.
func templateFields(t reflect.Type) []string {
	var names []string
	for _, field := range reflect.VisibleFields(t) {
		if field.IsExported() && !field.Anonymous {
			names = append(names, field.Name)
		}
	}
	for method := range reflect.PointerTo(t).Methods() {
		names = append(names, method.Name)
	}
	return names
}

var (
	noFieldPattern    = regexp.MustCompile(`can't evaluate field (\S+) in type \*?(\S+)`)
	executingPattern  = regexp.MustCompile(`^executing "[^"]*" at <(?s:.*?)>: `)
	callingPattern    = regexp.MustCompile(`^error calling \w+: `)
	noTemplatePattern = regexp.MustCompile(`^(?:executing "[^"]*" at <.*?>: )?(?:no such template|template) "([^"]+)"(?: not defined)?`)
)

// explainTemplateError rewords an error of html/template for theme authors.
func explainTemplateError(reason string) (message, remedy string) {
	reason = strings.TrimPrefix(reason, "in ")
	if found := noFieldPattern.FindStringSubmatch(reason); found != nil {
		message = fmt.Sprintf("there is no field .%s here", found[1])
		if view := viewTypes()[found[2]]; view != nil {
			return message, "The dot has here: ." + strings.Join(templateFields(view), ", .") + "."
		}
		return message, "The dot is here a " + found[2] + "."
	}
	if found := noTemplatePattern.FindStringSubmatch(reason); found != nil {
		return fmt.Sprintf("there is no template %q", found[1]), "Define it with {{define}}, or correct its name."
	}
	message = callingPattern.ReplaceAllString(executingPattern.ReplaceAllString(reason, ""), "")
	return message, ""
}

// suggestRemedy returns a remedy that names the most similar known word.
func suggestRemedy(word string, known []string, otherwise string) string {
	best := shared.Nearest(word, known, 2)
	if best == "" {
		return otherwise
	}
	return fmt.Sprintf("Did you mean %q?", best)
}

var placeholderPattern = regexp.MustCompile(`%(?:\[\d+\])?([a-zA-Z%])`)

// listPlaceholders returns the sorted placeholders of a label.
func listPlaceholders(label string) []string {
	var all []string
	for _, found := range placeholderPattern.FindAllStringSubmatch(label, -1) {
		if found[1] != "%" {
			all = append(all, "%"+found[1])
		}
	}
	slices.Sort(all)
	return all
}
