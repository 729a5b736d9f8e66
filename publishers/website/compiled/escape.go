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

// An escaperChain is the names of the escapers that html/template added to an
// action, each with a bar.
type escaperChain string

// An escapeContext is a place in a page where html/template uses a chain.
type escapeContext struct {
	before, after string
	// plainBytes marks the bytes that the chain leaves unchanged; nil if none.
	plainBytes *[256]bool
	// isAddress is set if the chain also leaves the colon of http: and https:
	// unchanged.
	isAddress bool
}

// scriptChain is the chain in scripts and JSON.
const scriptChain escaperChain = "_html_template_jsvalescaper|"

// escapeContexts are the contexts that need no html/template for plain values.
var escapeContexts = map[escaperChain]escapeContext{
	"_html_template_htmlescaper|":   {"<p>", "</p>", &plainInText, false},
	"_html_template_rcdataescaper|": {"<title>", "</title>", &plainInText, false},
	"_html_template_attrescaper|":   {`<p title="`, `">`, &plainInText, false},
	"_html_template_urlfilter|_html_template_urlnormalizer|_html_template_attrescaper|": {`<a href="`, `">`, &plainInAddress, true},
	"_html_template_urlfilter|_html_template_attrescaper|":                              {`<meta http-equiv="refresh" content="0; url=`, `">`, &plainInAddress, true},
	scriptChain: {`<script type="application/ld+json">`, "</script>", nil, false},
}

var (
	plainInText    = allBytesExcept("\x00\"&'+<>")
	plainInAddress = onlyBytes("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/#=?@,;")
)

func allBytesExcept(special string) (plain [256]bool) {
	for c := range plain {
		plain[c] = !strings.Contains(special, string(rune(c)))
	}
	return plain
}

func onlyBytes(these string) (plain [256]bool) {
	for n := range len(these) {
		plain[these[n]] = true
	}
	return plain
}

// isUnchanged reports whether the chain leaves a string unchanged.
func (p escapeContext) isUnchanged(s string) bool {
	if p.plainBytes == nil {
		return false
	}
	if p.isAddress {
		for _, scheme := range []string{"https:", "http:"} {
			s = strings.TrimPrefix(s, scheme) // any other colon is not plain
		}
	}
	for n := range len(s) {
		if !p.plainBytes[s[n]] {
			return false
		}
	}
	return true
}

// writerFor returns a function that writes values of a type, escaped by a
// chain.
func (t *Templates) writerFor(typ reflect.Type, c escaperChain) func(*run, reflect.Value) {
	p, ok := escapeContexts[c]
	if !ok {
		fallBack()
	}
	escape := t.escaperFor(c, p)
	if typ == reflect.TypeFor[template.HTML]() && c == "_html_template_htmlescaper|" {
		return func(r *run, v reflect.Value) { r.b.WriteString(v.String()) }
	}
	if c == scriptChain && isObject(typ) {
		return func(r *run, v reflect.Value) {
			// html/template writes the same.
			if data, err := json.Marshal(v.Interface()); err == nil && data[0] == '{' {
				r.b.Write(data)
			} else {
				escape(r, v)
			}
		}
	}
	if !isPlainType(typ) {
		return escape
	}
	switch typ.Kind() {
	case reflect.String:
		return func(r *run, v reflect.Value) {
			if s := v.String(); p.isUnchanged(s) {
				r.b.WriteString(s)
			} else {
				escape(r, v)
			}
		}
	case reflect.Int:
		return func(r *run, v reflect.Value) {
			if s := strconv.FormatInt(v.Int(), 10); p.isUnchanged(s) {
				r.b.WriteString(s)
			} else {
				escape(r, v)
			}
		}
	}
	return escape
}

// isPlainType reports whether values of a type are printed as they are, not by
// a method or as a type of html/template.
func isPlainType(typ reflect.Type) bool {
	if typ.PkgPath() == reflect.TypeFor[template.HTML]().PkgPath() {
		return false
	}
	return reflect.PointerTo(typ).NumMethod() == 0
}

// isObject reports whether a type is a struct, or a pointer to one, without
// methods.
func isObject(typ reflect.Type) bool {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ.Kind() == reflect.Struct && isPlainType(typ)
}

// escaperFor returns a function that writes any value by executing
// html/template in the same context.
func (t *Templates) escaperFor(c escaperChain, p escapeContext) func(*run, reflect.Value) {
	t.mu.Lock()
	defer t.mu.Unlock()
	escaper := t.escapers[c]
	if escaper == nil {
		escaper = template.Must(template.New("").Parse(p.before + "{{.}}" + p.after))
		if err := escaper.Execute(&bytes.Buffer{}, ""); err != nil || !usesChain(escaper.Tree, c) {
			fallBack()
		}
		t.escapers[c] = escaper
	}
	return func(r *run, v reflect.Value) {
		var b bytes.Buffer
		if err := escaper.Execute(&b, v.Interface()); err != nil {
			fallBack()
		}
		r.b.WriteString(strings.TrimSuffix(strings.TrimPrefix(b.String(), p.before), p.after))
	}
}

// usesChain reports whether the only action of a template has a chain.
func usesChain(tree *parse.Tree, c escaperChain) bool {
	var found escaperChain
	for _, node := range tree.Root.Nodes {
		if action, ok := node.(*parse.ActionNode); ok {
			for _, command := range action.Pipe.Cmds[1:] {
				found += escaperChain(fmt.Sprint(command.Args[0])) + "|"
			}
		}
	}
	return found == c
}
