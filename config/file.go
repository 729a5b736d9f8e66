package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"netsync/schema/shared"
)

// maxFile is the maximum size of the file: a usual one has a few dozen lines.
const maxFile = 256 << 10

// setting is the value of one key in the file or the environment: a text, or several for a
// list.
type setting struct {
	texts  []string
	items  any // a list of PushTarget or Webhook
	origin Origin
}

// reader reads the nodes of one file, and collects settings and problems.
type reader struct {
	file     string
	base     string // folder that relative paths are below
	fields   []field
	settings map[string]setting
	problems *problems
}

// readFile returns the settings of the file's text. It refuses duplicate keys, anchors,
// aliases and tags, which YAML nodes accept.
func readFile(name, base string, data []byte, fields []field, p *problems) map[string]setting {
	r := &reader{file: name, base: base, fields: fields, settings: map[string]setting{}, problems: p}
	switch {
	case len(data) > maxFile:
		r.addProblemAt(0, 0, "", fmt.Sprintf("is larger than %d KiB", maxFile>>10), "is this the configuration file?")
		return r.settings
	case !utf8.Valid(data):
		r.addProblemAt(invalidLine(data), 0, "", "is not UTF-8", "save the file as UTF-8")
		return r.settings
	}
	var documents []yaml.Node
	if err := yaml.Load(data, &documents, yaml.WithAllDocuments()); err != nil {
		r.addSyntaxError(err)
		return r.settings
	}
	if len(documents) > 1 {
		r.addProblem(&documents[1], "", "a second YAML document begins", "keep one document in the file")
		return r.settings
	}
	for i := range documents {
		r.readDocument(&documents[i])
	}
	return r.settings
}

// invalidLine returns the line of the first byte that is not UTF-8.
func invalidLine(data []byte) int {
	valid := 0
	for valid < len(data) {
		c, size := utf8.DecodeRune(data[valid:])
		if c == utf8.RuneError && size == 1 {
			break
		}
		valid += size
	}
	return 1 + bytes.Count(data[:valid], []byte{'\n'})
}

func (r *reader) readDocument(n *yaml.Node) {
	if n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return
		}
		n = n.Content[0]
	}
	r.readSection(n, "")
}

// readSection reads a mapping whose keys are below prefix ("http.", or "").
func (r *reader) readSection(n *yaml.Node, prefix string) {
	name := strings.TrimSuffix(prefix, ".")
	if r.refuseSpecial(n, name) || isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.addProblem(n, name, "must be a mapping of keys to values", "write each key on a line of its own, as \"key: value\"")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.readKey(n.Content[i], n.Content[i+1], prefix, seen)
	}
}

func (r *reader) readKey(key, value *yaml.Node, prefix string, seen map[string]int) {
	if key.Kind != yaml.ScalarNode {
		r.addProblem(key, strings.TrimSuffix(prefix, "."), "has a key that is not a word", "write keys as plain words")
		return
	}
	path := prefix + key.Value
	if line, again := seen[key.Value]; again {
		r.addProblem(key, path, fmt.Sprintf("is there twice, first on line %d", line), "keep one of them")
		return
	}
	seen[key.Value] = key.Line
	if i := slices.IndexFunc(r.fields, func(f field) bool { return f.Path == path }); i >= 0 {
		r.readValue(r.fields[i], value)
		return
	}
	isAbove := func(f field) bool { return strings.HasPrefix(f.Path, path+".") }
	if slices.ContainsFunc(r.fields, isAbove) {
		r.readSection(value, path+".")
		return
	}
	r.addProblem(key, path, "unknown key", r.proposeKey(key.Value, prefix))
}

// readValue reads the value of one key.
func (r *reader) readValue(f field, n *yaml.Node) {
	if r.refuseSpecial(n, f.Path) || isNull(n) {
		return
	}
	s := setting{origin: Origin{Source: FromFile, File: r.file, Line: n.Line, Column: n.Column}}
	switch {
	case isItems(f.Type):
		s.items = r.readItems(f, n)
	case n.Kind == yaml.ScalarNode && f.Type == "list":
		s.texts = splitList(n.Value)
	case n.Kind == yaml.ScalarNode:
		s.texts = []string{n.Value}
	case n.Kind == yaml.SequenceNode && f.Type == "list":
		for _, item := range n.Content {
			if r.refuseSpecial(item, f.Path) {
				continue
			}
			if item.Kind != yaml.ScalarNode || isNull(item) {
				r.addProblem(item, f.Path, "has an item that is not a text", "write each item as \"- text\"")
				continue
			}
			s.texts = append(s.texts, item.Value)
		}
	default:
		r.addProblem(n, f.Path, "must be a "+f.Type, "write it as \"key: value\" on one line")
		return
	}
	r.settings[f.Path] = s
}

// refuseSpecial reports an alias, an anchor or a tag.
func (r *reader) refuseSpecial(n *yaml.Node, key string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		r.addProblem(n, key, "is a YAML alias", "write the value out")
	case n.Anchor != "":
		r.addProblem(n, key, "has a YAML anchor", "remove &"+n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		r.addProblem(n, key, "has a YAML tag", "remove "+n.ShortTag())
	default:
		return false
	}
	return true
}

// proposeKey returns a remedy for an unknown key: a neighbour, or the same name in
// another section.
func (r *reader) proposeKey(name, prefix string) string {
	var neighbours, elsewhere []string
	for _, f := range r.fields {
		if rest, ok := strings.CutPrefix(f.Path, prefix); ok {
			first, _, _ := strings.Cut(rest, ".")
			neighbours = append(neighbours, first)
		}
		if strings.HasSuffix(f.Path, "."+name) {
			elsewhere = append(elsewhere, f.Path)
		}
	}
	if near := shared.Nearest(name, neighbours, 2); near != "" {
		return didYouMean(prefix+near, "")
	}
	return didYouMean(strings.Join(elsewhere, " or "), "the keys here are "+strings.Join(slices.Compact(neighbours), ", "))
}

// addSyntaxError reports an error of the YAML parser.
func (r *reader) addSyntaxError(err error) {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		r.addProblemAt(0, 0, "", "is not YAML: "+err.Error(), "")
		return
	}
	r.addProblemAt(e.Mark.Line, e.Mark.Column, "", "is not YAML: "+e.Message, "check indentation, quotes and colons near here")
}

func (r *reader) addProblem(n *yaml.Node, key, problem, remedy string) {
	r.addProblemAt(n.Line, n.Column, key, problem, remedy)
}

func (r *reader) addProblemAt(line, column int, key, problem, remedy string) {
	r.problems.add(&Error{File: r.file, Line: line, Column: column, Key: key, Problem: problem, Remedy: remedy})
}

// isNull reports whether a key has no value, which counts as not set.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}
