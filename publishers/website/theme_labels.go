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

// readWords reads a file of labels, and in which line each of them stands.
func readWords(data []byte) (words map[string]string, lines map[string]int, err error) {
	if err := json.Unmarshal(data, &words); err != nil {
		return nil, nil, err
	}
	lines = make(map[string]int)
	dec := json.NewDecoder(bytes.NewReader(data))
	for key := false; ; key = !key { // {, key, words, key, words, …, }
		token, err := dec.Token()
		if err == io.EOF {
			return words, lines, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if name, ok := token.(string); ok && key {
			lines[name] = lineOf(data, dec.InputOffset())
		}
	}
}

// mistake is what is wrong with words that a theme puts in the place of a
// label; nil where that is nothing. Its place is not filled in.
func labelMistake(l words.Language, key, word string) *ThemeError {
	own, ok := l.Words[key]
	if !ok {
		known := slices.Sorted(maps.Keys(l.Words))
		return &ThemeError{
			Err:    fmt.Errorf("there is no label %q", key),
			Remedy: suggestion(key, known, "reference/labels/en.json has all labels that there are."),
		}
	}
	if want, got := verbs(own), verbs(word); !slices.Equal(want, got) {
		return &ThemeError{
			Err:    fmt.Errorf("the label %q has %s where the site's own has %s", key, placesOf(got), placesOf(want)),
			Remedy: fmt.Sprintf("Keep the places for values: %q.", own),
		}
	}
	return nil
}

func placesOf(verbs []string) string {
	if len(verbs) == 0 {
		return "no places for values"
	}
	return strings.Join(verbs, " ")
}
