package config

import (
	"encoding"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Print writes the effective configuration as YAML: every key, with the origin of its value
// in a comment, and with secrets hidden. Without secrets, Load can read the output.
func (c *Config) Print(w io.Writer) error {
	d, err := yaml.NewDumper(w, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	if err := d.Dump(c.newNode()); err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	return d.Close()
}

// MarshalYAML returns the node that [Config.Print] writes.
func (c *Config) MarshalYAML() (any, error) { return c.newNode(), nil }

// newNode returns the document; sections are in the order of their first key.
func (c *Config) newNode() *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode}
	sections := map[string]*yaml.Node{"": root}
	for _, f := range fieldsOf() {
		section, name := cutPath(f.Path)
		in := sectionNode(sections, section)
		value := valueNode(reflect.ValueOf(c).Elem().FieldByIndex(f.index))
		value.LineComment = "# " + c.origins[f.Path].String()
		in.Content = append(in.Content, textNode(name), value)
	}
	return root
}

// cutPath removes the last name of a key's path.
func cutPath(path string) (section, name string) {
	at := strings.LastIndexByte(path, '.')
	return path[:max(at, 0)], path[at+1:]
}

// sectionNode returns the mapping of a section, which it creates in its parent if needed.
func sectionNode(sections map[string]*yaml.Node, path string) *yaml.Node {
	if n := sections[path]; n != nil {
		return n
	}
	above, name := cutPath(path)
	n := &yaml.Node{Kind: yaml.MappingNode}
	in := sectionNode(sections, above)
	in.Content = append(in.Content, textNode(name), n)
	sections[path] = n
	return n
}

func textNode(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

func valueNode(v reflect.Value) *yaml.Node {
	switch value := v.Interface().(type) {
	case encoding.TextMarshaler:
		// The marshalers of this package do not fail.
		text, _ := value.MarshalText()
		return textNode(string(text))
	case []PushTarget, []Webhook:
		return itemsNode(v)
	case []string:
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, item := range value {
			list.Content = append(list.Content, textNode(item))
		}
		return list
	case string:
		return textNode(value)
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(value)}
	case int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: fmt.Sprint(value)}
	default:
		return textNode(fmt.Sprint(value))
	}
}
