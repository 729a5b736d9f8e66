package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"netsync/schema/shared"
)

// An item is a mapping of a list: a struct whose yaml tags are its keys. A value
// is a text, a secret, or a list of texts.
type item interface {
	// check returns a problem, or nil, and normalizes the item.
	check(base string) *fault
	// nameField returns the field of the item's name, and the name of an item without one.
	nameField() (name *string, without string)
}

// An itemKind describes a list of items.
type itemKind struct {
	list     reflect.Type
	singular string
	form     string                 // how an item is written
	example  string                 // how an environment variable is written
	short    func(text string) item // reads a text that stands for an item; nil if there is no such form
}

// itemKinds are the kinds of lists by Key.Type.
var itemKinds = map[string]itemKind{
	"targets": {
		list: reflect.TypeFor[[]PushTarget](), singular: "target", short: shortTarget,
		form:    "\"- git: ADDRESS\", \"- github: OWNER/NAME\" or \"- s3: https://ENDPOINT/BUCKET\"",
		example: "[{git: ADDRESS, branch: gh-pages}]",
	},
	"endpoints": {
		list: reflect.TypeFor[[]Webhook](), singular: "endpoint",
		form:    "\"- url: https://ADDRESS\", with secret_file",
		example: "[{url: https://ADDRESS, secret_file: FILE}]",
	},
}

func isItems(typeName string) bool { return itemKinds[typeName].list != nil }

// readItems reads a list of items of the field's kind. Of several with one name,
// the first stays.
func (r *reader) readItems(f field, n *yaml.Node) any {
	kind := itemKinds[f.Type]
	all := reflect.Zero(kind.list)
	var names []string
	for _, node := range itemNodes(n) {
		one := r.readItem(f, kind, node)
		if one == nil {
			continue
		}
		name, without := one.nameField()
		if *name == "" {
			*name = freeName(without, names)
		}
		if slices.Contains(names, *name) {
			r.addProblem(node, f.Path, fmt.Sprintf("has two %s of the name %q", f.Type, *name), "give each a name of its own")
			continue
		}
		names = append(names, *name)
		all = reflect.Append(all, reflect.ValueOf(one).Elem())
	}
	return all.Interface()
}

// readItem reads one item; nil if it is wrong.
func (r *reader) readItem(f field, kind itemKind, n *yaml.Node) item {
	if r.refuseSpecial(n, f.Path) {
		return nil
	}
	value := reflect.New(kind.list.Elem())
	one := value.Interface().(item)
	switch {
	case n.Kind == yaml.MappingNode:
		if !r.readEntries(f, value.Elem(), n) {
			return nil
		}
	case n.Kind == yaml.ScalarNode && !isNull(n) && kind.short != nil:
		one = kind.short(n.Value)
	default:
		r.addProblem(n, f.Path, "has an item that is no "+kind.singular, "write each as "+kind.form)
		return nil
	}
	if flt := one.check(r.base); flt != nil {
		r.addProblem(n, f.Path, flt.problem, flt.remedy)
		return nil
	}
	return one
}

// fileKey makes a key of a secret name a file that holds it.
const fileKey = "_file"

// itemField returns the field of an item with a key.
func itemField(item reflect.Value, key string) (reflect.Value, bool) {
	for f, v := range item.Fields() {
		if f.Tag.Get("yaml") == key {
			return v, true
		}
	}
	return reflect.Value{}, false
}

func isSecretField(v reflect.Value) bool { return v.IsValid() && v.Type() == reflect.TypeFor[Secret]() }

// itemKeys returns the keys of items of a type, with those of files.
func itemKeys(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		key := f.Tag.Get("yaml")
		if keys = append(keys, key); f.Type == reflect.TypeFor[Secret]() {
			keys = append(keys, key+fileKey)
		}
	}
	return keys
}

// readEntries reads the entries of a mapping into an item, and reports whether they are
// valid.
func (r *reader) readEntries(f field, item reflect.Value, n *yaml.Node) bool {
	before := len(*r.problems)
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.readEntry(f, item, n.Content[i], n.Content[i+1])
	}
	return len(*r.problems) == before
}

func (r *reader) readEntry(f field, item reflect.Value, key, value *yaml.Node) {
	path := f.Path + "." + key.Value
	if r.refuseSpecial(value, path) || isNull(value) {
		return
	}
	name, fromFile := strings.CutSuffix(key.Value, fileKey)
	into, ok := itemField(item, name)
	if fromFile && !isSecretField(into) {
		fromFile = false
		into, ok = itemField(item, key.Value)
	}
	switch {
	case !ok:
		keys := itemKeys(item.Type())
		r.addProblem(key, path, "unknown key", didYouMean(shared.Nearest(key.Value, keys, 2), "the keys here are "+strings.Join(keys, ", ")))
		return
	case !into.IsZero():
		r.addProblem(key, path, "is there twice", "keep one of them")
		return
	}
	texts, ok := r.itemTexts(path, into, value)
	if !ok {
		return
	}
	switch {
	case into.Kind() == reflect.Slice:
		into.Set(reflect.ValueOf(texts))
	case fromFile:
		secret, err := readSecret(texts[0], r.base)
		if err != nil {
			r.addProblem(value, path, err.Error(), "name a readable file that holds the value and nothing else")
			return
		}
		into.SetString(secret)
	case isSecretField(into) && texts[0] == redacted:
		r.addProblem(value, path, "is the placeholder that stands for a hidden secret", "give the secret itself, best by "+path+fileKey)
	default:
		into.SetString(texts[0])
	}
}

// itemTexts reads the text, or the texts of a list.
func (r *reader) itemTexts(path string, into reflect.Value, value *yaml.Node) (texts []string, ok bool) {
	list := into.Kind() == reflect.Slice
	nodes := []*yaml.Node{value}
	if list && value.Kind == yaml.SequenceNode {
		nodes = value.Content
	}
	for _, n := range nodes {
		if n.Kind != yaml.ScalarNode || isNull(n) {
			r.addProblem(n, path, "must be a text", "write it as \"key: value\" on one line")
			return nil, false
		}
		if flt := plainText(n.Value); flt != nil {
			r.addProblem(n, path, flt.problem, flt.remedy)
			return nil, false
		}
		if list {
			texts = append(texts, splitList(n.Value)...)
		} else {
			texts = append(texts, n.Value)
		}
	}
	return texts, true
}

// itemsNode returns the node that Print writes for items.
func itemsNode(all reflect.Value) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if all.Len() == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, v := range all.Seq2() {
		item := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for f, v := range v.Fields() {
			if !v.IsZero() {
				item.Content = append(item.Content, textNode(f.Tag.Get("yaml")), valueNode(v))
			}
		}
		list.Content = append(list.Content, item)
	}
	return list
}

// itemNodes returns the nodes of the items of a list. A single item need not be in a list.
func itemNodes(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// environNode parses items of a variable: YAML in flow style or, for items with a short form,
// these separated by commas.
func environNode(text string, words bool) (*yaml.Node, bool) {
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		var document yaml.Node
		if err := yaml.Load([]byte(text), &document); err != nil || len(document.Content) != 1 {
			return nil, false
		}
		return document.Content[0], true
	}
	if !words {
		return nil, false
	}
	node := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range splitList(text) {
		node.Content = append(node.Content, textNode(item))
	}
	return node, true
}

// environItems reads a list of items of a variable.
func environItems(f field, text, base string, p *problems) any {
	r := &reader{base: base, problems: &problems{}}
	f.Path = f.Env
	kind := itemKinds[f.Type]
	node, ok := environNode(text, kind.short != nil)
	if !ok {
		p.add(&Error{Key: f.Env, Problem: "is not YAML", Remedy: "write " + kind.example})
		return nil
	}
	all := r.readItems(f, node)
	*p = append(*p, *r.problems...)
	return all
}

// freeName returns an unused name.
func freeName(kind string, taken []string) string {
	name := kind
	for i := 2; slices.Contains(taken, name); i++ {
		name = kind + "-" + strconv.Itoa(i)
	}
	return name
}
