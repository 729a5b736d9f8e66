package website

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed labels/*.json
var labelFiles embed.FS

// labels are the site's own words in one language.
type labels struct {
	language string
	words    map[string]string
}

// A labelSet holds the labels by language. English is always among them.
type labelSet map[string]labels

func readLabels() (labelSet, error) {
	all := make(labelSet)
	names, err := fs.Glob(labelFiles, "labels/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := labelFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		tag := strings.TrimSuffix(path.Base(name), ".json")
		l := labels{language: tag}
		if err := json.Unmarshal(data, &l.words); err != nil {
			return nil, fmt.Errorf("embedded labels %s: %w", name, err)
		}
		all[tag] = l
	}
	return all, nil
}

// in returns the labels of a language, or of the one that it is a variety of;
// English where there are none.
func (s labelSet) in(tag string) labels {
	if l, ok := s[tag]; ok {
		return l
	}
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if l, ok := s[base]; ok {
		l.language = tag // a variety of it needs no mark
		return l
	}
	return s["en"]
}
