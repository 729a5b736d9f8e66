package compiled

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"text/template/parse"
)

// A chain is the escapers that html/template has put behind an action, each
// with a bar.
type chain string

// A place is somewhere in a page where html/template escapes with a chain.
type place struct {
	before, after string
	// plain says of each byte whether the chain leaves it as it is; nil is
	// for a chain that leaves nothing.
	plain *[256]bool
	// address says that it leaves the colon behind the web's schemes, too.
	address bool
}

// inScript is the chain in a script, and in JSON.
const inScript chain = "_html_template_jsvalescaper|"

// places are those in which something can be shown without html/template.
var places = map[chain]place{
	"_html_template_htmlescaper|":   {"<p>", "</p>", &inText, false},
	"_html_template_rcdataescaper|": {"<title>", "</title>", &inText, false},
	"_html_template_attrescaper|":   {`<p title="`, `">`, &inText, false},
	"_html_template_urlfilter|_html_template_urlnormalizer|_html_template_attrescaper|": {`<a href="`, `">`, &inAddress, true},
	"_html_template_urlfilter|_html_template_attrescaper|":                              {`<meta http-equiv="refresh" content="0; url=`, `">`, &inAddress, true},
	inScript: {`<script type="application/ld+json">`, "</script>", nil, false},
}

var (
	inText    = without("\x00\"&'+<>")
	inAddress = only("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/#=?@,;")
)

func without(special string) (plain [256]bool) {
	for c := range plain {
		plain[c] = !strings.Contains(special, string(rune(c)))
	}
	return plain
}

func only(these string) (plain [256]bool) {
	for n := range len(these) {
		plain[these[n]] = true
	}
	return plain
}

// shows says whether a chain leaves a string as it is.
func (p place) shows(s string) bool {
	if p.plain == nil {
		return false
	}
	if p.address {
		for _, scheme := range []string{"https:", "http:"} {
			s = strings.TrimPrefix(s, scheme) // another colon is not plain
		}
	}
	for n := range len(s) {
		if !p.plain[s[n]] {
			return false
		}
	}
	return true
}

// shower shows values of a type where a chain escapes them.
func (t *Templates) shower(typ reflect.Type, c chain) func(*run, reflect.Value) {
	p, ok := places[c]
	if !ok {
		leave()
	}
	escape := t.escaper(c, p)
	if typ == reflect.TypeFor[template.HTML]() && c == "_html_template_htmlescaper|" {
		return func(r *run, v reflect.Value) { r.b.WriteString(v.String()) }
	}
	if c == inScript && isObject(typ) {
		return func(r *run, v reflect.Value) {
			// This is what html/template does with it.
			if data, err := json.Marshal(v.Interface()); err == nil && data[0] == '{' {
				r.b.Write(data)
			} else {
				escape(r, v)
			}
		}
	}
	if !said(typ) {
		return escape
	}
	switch typ.Kind() {
	case reflect.String:
		return func(r *run, v reflect.Value) {
			if s := v.String(); p.shows(s) {
				r.b.WriteString(s)
			} else {
				escape(r, v)
			}
		}
	case reflect.Int:
		return func(r *run, v reflect.Value) {
			if s := strconv.FormatInt(v.Int(), 10); p.shows(s) {
				r.b.WriteString(s)
			} else {
				escape(r, v)
			}
		}
	}
	return escape
}

// said reports whether a value of a type is shown as what it is, and not as
// what a method of it says or its type promises.
func said(typ reflect.Type) bool {
	if typ.PkgPath() == reflect.TypeFor[template.HTML]().PkgPath() {
		return false
	}
	return reflect.PointerTo(typ).NumMethod() == 0
}

// isObject reports whether a type is a struct, or a pointer to one, which has no
// method that says what it is in JSON.
func isObject(typ reflect.Type) bool {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ.Kind() == reflect.Struct && said(typ)
}

// escaper shows any value by way of html/template, in a place like the one
// that it is shown in.
func (t *Templates) escaper(c chain, p place) func(*run, reflect.Value) {
	t.mu.Lock()
	defer t.mu.Unlock()
	escaper := t.escapers[c]
	if escaper == nil {
		escaper = template.Must(template.New("").Parse(p.before + "{{.}}" + p.after))
		if err := escaper.Execute(&bytes.Buffer{}, ""); err != nil || !escapesWith(escaper.Tree, c) {
			leave()
		}
		t.escapers[c] = escaper
	}
	return func(r *run, v reflect.Value) {
		var b bytes.Buffer
		if err := escaper.Execute(&b, v.Interface()); err != nil {
			leave()
		}
		r.b.WriteString(strings.TrimSuffix(strings.TrimPrefix(b.String(), p.before), p.after))
	}
}

// escapesWith says whether the one action of a template has a chain behind it.
func escapesWith(tree *parse.Tree, c chain) bool {
	var found chain
	for _, node := range tree.Root.Nodes {
		if action, ok := node.(*parse.ActionNode); ok {
			for _, command := range action.Pipe.Cmds[1:] {
				found += chain(fmt.Sprint(command.Args[0])) + "|"
			}
		}
	}
	return found == c
}
