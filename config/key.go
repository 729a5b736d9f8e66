package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Key describes one key for documentation.
type Key struct {
	Path    string   // "http.listen"
	Env     string   // "NETSYNC_HTTP_LISTEN"
	Type    string   // "text", "list", "boolean", "number", "duration", "schedule", "secret", "address", "targets", "endpoints" or "choice"
	Values  []string // the choices, with type "choice"
	Default string   // as it would be written; "" if there is none
	Doc     string   // one sentence or more
	Secret  bool     // whether NETSYNC_…_FILE works, and printing hides the value
}

// Keys returns all keys, in the order of the file.
func Keys() []Key {
	fields := fieldsOf()
	keys := make([]Key, len(fields))
	for i, f := range fields {
		keys[i] = f.Key
	}
	return keys
}

// envPrefix is the prefix of our environment variables.
const envPrefix = "NETSYNC_"

// fileSuffix is the suffix of a variable that names a file with the value.
const fileSuffix = "_FILE"

func envName(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// field is a key, and how its value is read.
type field struct {
	Key
	index    []int // for reflect.Value.FieldByIndex
	check    string
	min, max int               // bounds of a number; both 0 for none
	synonyms map[string]string // other words for choices
}

// fieldsOf reads the struct tags of Config.
func fieldsOf() []field {
	return appendFields(nil, reflect.TypeFor[Config](), "", nil)
}

func appendFields(fields []field, t reflect.Type, prefix string, index []int) []field {
	for i := range t.NumField() {
		sf := t.Field(i)
		name := sf.Tag.Get("yaml")
		if name == "" {
			continue
		}
		path := append(append([]int(nil), index...), i)
		if isSection(sf.Type) {
			fields = appendFields(fields, sf.Type, prefix+name+".", path)
			continue
		}
		fields = append(fields, newField(sf, prefix+name, path))
	}
	return fields
}

// isSection reports whether a type is a section of keys, and not a value.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[Schedule]()
}

func newField(sf reflect.StructField, path string, index []int) field {
	f := field{
		Key: Key{
			Path:    path,
			Env:     envName(path),
			Type:    typeName(sf.Type),
			Values:  choicesOf(sf.Type),
			Default: sf.Tag.Get("default"),
			Doc:     sf.Tag.Get("doc"),
			Secret:  sf.Type == reflect.TypeFor[Secret](),
		},
		index:    index,
		check:    sf.Tag.Get("check"),
		synonyms: synonymsOf(sf.Type),
	}
	f.min, _ = strconv.Atoi(sf.Tag.Get("min"))
	f.max, _ = strconv.Atoi(sf.Tag.Get("max"))
	return f
}

func typeName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Schedule]():
		return "schedule"
	case reflect.TypeFor[Duration]():
		return "duration"
	case reflect.TypeFor[Secret]():
		return "secret"
	case reflect.TypeFor[URL]():
		return "address"
	case reflect.TypeFor[[]string]():
		return "list"
	}
	for name, kind := range itemKinds {
		if kind.list == t {
			return name
		}
	}
	if choicesOf(t) != nil {
		return "choice"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "number"
	case reflect.String:
		return "text"
	}
	// This is a programmer's mistake, which every test finds.
	panic(fmt.Sprintf("config: a key cannot be a %s", t))
}

// choicesOf returns the values of an enumeration, nil for any other type.
func choicesOf(t reflect.Type) []string {
	if e, ok := reflect.Zero(t).Interface().(interface{ Values() []string }); ok {
		return e.Values()
	}
	return nil
}

// synonymsOf returns other words for the values of an enumeration.
func synonymsOf(t reflect.Type) map[string]string {
	if e, ok := reflect.Zero(t).Interface().(interface{ Synonyms() map[string]string }); ok {
		return e.Synonyms()
	}
	return nil
}
