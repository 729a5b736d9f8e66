package website

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"netsync/schema/words"
)

// parseLabels parses a file of labels, and returns the line of each label.
func parseLabels(data []byte) (words map[string]string, lines map[string]int, err error) {
	if err := json.Unmarshal(data, &words); err != nil {
		return nil, nil, err
	}
	lines = make(map[string]int)
	dec := json.NewDecoder(bytes.NewReader(data))
	for key := false; ; key = !key { // tokens: {, key, label, key, label, …, }
		token, err := dec.Token()
		if err == io.EOF {
			return words, lines, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if name, ok := token.(string); ok && key {
			lines[name] = lineAt(data, dec.InputOffset())
		}
	}
}

// checkLabel returns the mistake in a theme's label, or nil, without a place.
func checkLabel(l words.Language, key, word string) *ThemeError {
	own, ok := l.Words[key]
	if !ok {
		known := slices.Sorted(maps.Keys(l.Words))
		return &ThemeError{
			Err:    fmt.Errorf("there is no label %q", key),
			Remedy: suggestRemedy(key, known, "reference/labels/en.json has all labels that there are."),
		}
	}
	if want, got := listPlaceholders(own), listPlaceholders(word); !slices.Equal(want, got) {
		return &ThemeError{
			Err:    fmt.Errorf("the label %q has %s where the site's own has %s", key, formatPlaceholders(got), formatPlaceholders(want)),
			Remedy: fmt.Sprintf("Keep the places for values: %q.", own),
		}
	}
	return nil
}

func formatPlaceholders(verbs []string) string {
	if len(verbs) == 0 {
		return "no places for values"
	}
	return strings.Join(verbs, " ")
}
