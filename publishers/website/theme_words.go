package website

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"netsync/schema/shared"
)

// views are what templates show: for each page's, what its .Body is.
var views = map[string]reflect.Type{
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

// viewTypes are the page's frame, all that it shows, and all within that, by
// name.
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
	for _, view := range views {
		visit(view)
	}
	return all
}

// fields are the names that a template may write behind a dot: fields and
// methods, those of embedded views too.
func fields(t reflect.Type) []string {
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
	noField    = regexp.MustCompile(`can't evaluate field (\S+) in type \*?(\S+)`)
	executing  = regexp.MustCompile(`^executing "[^"]*" at <(?s:.*?)>: `)
	calling    = regexp.MustCompile(`^error calling \w+: `)
	noTemplate = regexp.MustCompile(`^(?:executing "[^"]*" at <.*?>: )?(?:no such template|template) "([^"]+)"(?: not defined)?`)
)

// plainly says what a package for templates means in the words of somebody who
// writes a theme.
func plainly(said string) (message, remedy string) {
	said = strings.TrimPrefix(said, "in ")
	if found := noField.FindStringSubmatch(said); found != nil {
		message = fmt.Sprintf("there is no field .%s here", found[1])
		if view := viewTypes()[found[2]]; view != nil {
			return message, "The dot has here: ." + strings.Join(fields(view), ", .") + "."
		}
		return message, "The dot is here a " + found[2] + "."
	}
	if found := noTemplate.FindStringSubmatch(said); found != nil {
		return fmt.Sprintf("there is no template %q", found[1]), "Define it with {{define}}, or correct its name."
	}
	message = calling.ReplaceAllString(executing.ReplaceAllString(said, ""), "")
	return message, ""
}

// suggestion is a remedy that names what may have been meant.
func suggestion(word string, known []string, otherwise string) string {
	best := shared.Nearest(word, known, 2)
	if best == "" {
		return otherwise
	}
	return fmt.Sprintf("Did you mean %q?", best)
}

var verb = regexp.MustCompile(`%(?:\[\d+\])?([a-zA-Z%])`)

// verbs are the places for values in a label, sorted.
func verbs(label string) []string {
	var all []string
	for _, found := range verb.FindAllStringSubmatch(label, -1) {
		if found[1] != "%" {
			all = append(all, "%"+found[1])
		}
	}
	slices.Sort(all)
	return all
}
