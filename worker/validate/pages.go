package validate

import (
	"embed"
	"path"
)

// pages holds a page for each rule: its reason, and a bad and a good example. A test writes them
// from the examples of the rules.
//
//go:embed rules/*.md
var pages embed.FS

// Page returns the documentation of a rule in Markdown.
func Page(r Rule) string {
	data, err := pages.ReadFile(path.Join("rules", r.Code+".md"))
	if err != nil {
		panic(err) // a test holds that every rule has one
	}
	return string(data)
}
