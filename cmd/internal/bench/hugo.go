package main

import (
	"bufio"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"netsync/schema"
)

//go:embed peers/hugo
var hugoFiles embed.FS

type hugoLink struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// hugoPage is the front matter of a page. What a page says of others is worked
// out beforehand, because Hugo has no references between pages.
type hugoPage struct {
	Title   string         `json:"title"`
	Weight  int            `json:"weight,omitempty"`
	Topics  []string       `json:"topics,omitempty"`
	Regions []string       `json:"regions,omitempty"`
	Params  map[string]any `json:"params"`
}

// writeHugo writes a Hugo site with the texts of the dataset, on the same kinds
// of pages.
func writeHugo(dir string, count int) error {
	files, err := fs.Sub(hugoFiles, "peers/hugo")
	if err == nil {
		err = os.CopyFS(dir, files)
	}
	if err != nil {
		return err
	}
	all := siteRecords(count)
	mentions := make(map[siteRecord][]siteRecord) // who mentions a record
	for _, r := range all {
		if r.collection == schema.Activities {
			mentions[r.network(count)] = append(mentions[r.network(count)], r)
		}
		if r.collection != schema.Organizations {
			mentions[r.partner(count)] = append(mentions[r.partner(count)], r)
		}
	}
	for _, language := range siteLanguages {
		for _, r := range all {
			if err := writeHugoPage(dir, language, r, count, mentions[r]); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeHugoPage(dir, language string, r siteRecord, count int, mentions []siteRecord) error {
	links := make(map[string][]hugoLink)
	add := func(section string, to siteRecord) {
		prefix := "/"
		if language != siteLanguages[0] {
			prefix += language + "/"
		}
		links[section] = append(links[section], hugoLink{to.name(language), prefix + string(to.collection) + "/" + to.id() + "/"})
	}
	for _, m := range mentions {
		add(string(m.collection), m)
	}
	page := hugoPage{Title: r.name(language), Params: map[string]any{
		"kind": string(r.collection), "acronym": fmt.Sprintf("N%d", r.n), "summary": r.summary(language), "homepage": r.homepage(),
	}}
	switch r.collection {
	case schema.Networks:
		page.Weight, page.Params["since"] = r.n+1, "2012"
		add("partners", r.partner(count))
		page.Topics, page.Regions = r.topics(), r.regions()
	case schema.Activities:
		add("partners", r.partner(count))
		add("networks", r.network(count))
		page.Topics, page.Regions = r.topics(), r.regions()
	}
	for section, to := range links {
		page.Params[section] = to
	}
	name := filepath.Join(dir, "content", string(r.collection), r.id()+"."+language+".md")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	err = json.NewEncoder(w).Encode(page)
	fmt.Fprintf(w, "\n%s", r.description(language))
	return errors.Join(err, w.Flush(), file.Close())
}
