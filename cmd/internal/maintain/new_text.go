package maintain

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"netsync/schema"
)

// A newRecord is a record to be made, and what its text depends on.
type newRecord struct {
	id       schema.RecordID
	schema   string   // where the schema file is
	network  string   // the first of the dataset
	purposes []string // of the manifest; empty where all are known
}

// formatText returns the file with an explanation of each field. Words are after "# ",
// fields that are switched off right after "#".
func (r newRecord) formatText() string {
	shape := schema.ShapeOf(r.id.Collection)
	var b strings.Builder
	fmt.Fprintf(&b, "# yaml-language-server: $schema=%s\n#\n", r.schema)
	writeWords(&b, fmt.Sprintf("%s. %s", shape.Title, shape.Description), "")
	b.WriteString("#\n")
	writeWords(&b, "A field with a # right before it is switched off. To use it, delete the # before it and before the lines that belong to it. "+
		"Delete what you do not need. See whether all is well with netsync validate, and tidy up with netsync fmt.", "")
	for _, key := range shape.Keys {
		b.WriteByte('\n')
		field := shape.Properties[key]
		writeWords(&b, explainField(field), "")
		writeParts(&b, field)
		if slices.Contains(shape.Required, key) {
			r.writeRequired(&b, key, field)
		} else {
			switchOff(&b, fieldText(key, field))
		}
	}
	return b.String()
}

// explainField returns the title and description of a field.
func explainField(s *schema.Shape) string { return s.Title + ". " + descriptionOf(s) }

func descriptionOf(s *schema.Shape) string {
	words := s.Description
	enum := s.Enum
	if enum == nil && s.Items != nil {
		enum = s.Items.Enum
	}
	if enum != nil {
		words += " Choose from: " + joinValues(enum) + "."
	}
	return words
}

func joinValues(values []any) string {
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = fmt.Sprint(value)
	}
	return strings.Join(words, ", ")
}

// writeParts tells what the keys of an object are, or of a list's items.
func writeParts(b *strings.Builder, s *schema.Shape) {
	if s.Items != nil {
		s = s.Items
	}
	for _, key := range s.Keys {
		writeWords(b, fmt.Sprintf("- %s: %s", key, descriptionOf(s.Properties[key])), "  ")
	}
}

// writeRequired writes a required field.
func (r newRecord) writeRequired(b *strings.Builder, key string, s *schema.Shape) {
	if len(s.Enum) == 0 && key != "id" && key != "network" && len(s.Examples) > 0 {
		writeWords(b, "Example: "+flowText(s.Examples[0], s), "")
	}
	if key == "network" {
		writeWords(b, "This is the first network of the dataset: change it to the right one.", "")
	}
	b.WriteString(fieldLine(key, r.initialValue(key, s), s))
}

// initialValue returns the value that a required field gets.
func (r newRecord) initialValue(key string, s *schema.Shape) any {
	switch key {
	case "id":
		return r.id.ID
	case "network":
		return r.network
	case "name":
		return nameOf(r.id.ID)
	case "tier":
		return "member" // a key network is somebody's decision
	case "summary":
		return "What " + nameOf(r.id.ID) + " is, in one paragraph."
	}
	switch {
	case s.Items != nil && len(s.Items.Enum) > 0:
		return []any{r.firstTerm(s.Items)}
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	return s.Examples[0]
}

// firstTerm returns the first term of a vocabulary of the manifest.
func (r newRecord) firstTerm(s *schema.Shape) any {
	for _, value := range s.Enum {
		if slices.Contains(r.purposes, fmt.Sprint(value)) {
			return value
		}
	}
	return s.Enum[0]
}

// nameOf makes a name of an id: "Una Europa" of "una-europa".
func nameOf(id string) string {
	words := strings.Split(id, "-")
	for i, word := range words {
		first, n := utf8.DecodeRuneInString(word)
		words[i] = string(unicode.ToUpper(first)) + word[n:]
	}
	return strings.Join(words, " ")
}

// switchOff writes lines with a # before each.
func switchOff(b *strings.Builder, text string) {
	for line := range strings.Lines(text) {
		b.WriteString("#" + line)
	}
}

// maxWords is how wide lines of words become, in characters.
const maxWords = 92

// writeWords writes words as comments, of which all lines but the first are
// indented further.
func writeWords(b *strings.Builder, text, indentation string) {
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if utf8.RuneCountInString(line+" "+word) > maxWords {
			b.WriteString(line + "\n")
			line = "#" + indentation
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}
