package main

import (
	"fmt"
	"strings"

	"netsync/schema"
)

// A siteRecord is one record of the dataset that sites are built of: one in ten
// a network, four an organization, five an activity of a network.
type siteRecord struct {
	collection schema.Collection
	n          int // among those of its collection
}

func siteRecords(count int) []siteRecord {
	all := make([]siteRecord, count)
	seen := make(map[schema.Collection]int)
	for i := range all {
		c := schema.Activities
		switch i % 10 {
		case 0:
			c = schema.Networks
		case 1, 2, 3, 4:
			c = schema.Organizations
		}
		all[i] = siteRecord{c, seen[c]}
		seen[c]++
	}
	return all
}

func (r siteRecord) id() string {
	name := map[schema.Collection]string{schema.Networks: "network", schema.Organizations: "organization", schema.Activities: "activity"}[r.collection]
	return fmt.Sprintf("%s-%06d", name, r.n)
}

// siteLanguages are those of every text.
var siteLanguages = []string{"en", "nl"}

const topicCount, regionCount = 20, 10

func (r siteRecord) name(language string) string {
	return fmt.Sprintf("%s %s number %d", strings.ToUpper(language), r.collection, r.n)
}

func (r siteRecord) summary(language string) string {
	return fmt.Sprintf("(%s) %s", language, strings.Repeat("What it is and whom it is for, in a sentence of a summary. ", 5))
}

func (r siteRecord) description(language string) string {
	paragraph := strings.Repeat("What the network does, and what the *university* does in it. ", 7)
	return fmt.Sprintf("(%s) %s\n\n%s\n\n- one [page](https://example.org/%d)\n- another\n", language, paragraph, paragraph, r.n)
}

func (r siteRecord) homepage() string {
	return fmt.Sprintf("https://example.org/%s/%d", r.collection, r.n)
}

func (r siteRecord) topics() []string {
	return []string{fmt.Sprintf("topic-%d", r.n%topicCount), fmt.Sprintf("topic-%d", (r.n+7)%topicCount)}
}

func (r siteRecord) regions() []string { return []string{fmt.Sprintf("region-%d", r.n%regionCount)} }

// network is whose activity an activity is, organization its partner; both are
// among so many records.
func (r siteRecord) network(count int) siteRecord {
	return siteRecord{schema.Networks, r.n % ((count + 9) / 10)}
}

func (r siteRecord) partner(count int) siteRecord {
	return siteRecord{schema.Organizations, r.n % max(1, count*4/10)}
}

func siteManifest() map[string]any {
	labels := func(name string, count int) map[string]any {
		terms := make(map[string]any)
		for i := range count {
			terms[fmt.Sprintf("%s-%d", name, i)] = map[string]any{"en": fmt.Sprintf("%s %d", name, i), "nl": fmt.Sprintf("%s %d (nl)", name, i)}
		}
		return terms
	}
	return map[string]any{
		"schema": "netsync/v1", "id": "bench", "title": map[string]any{"en": "Many networks", "nl": "Veel netwerken"},
		"languages": []any{"en", "nl"}, "time_zone": "UTC",
		"vocabularies": map[string]any{"topics": labels("topic", topicCount), "regions": labels("region", regionCount)},
	}
}

// value is the record as a maintainer writes it.
func (r siteRecord) value(count int) map[string]any {
	text := func(say func(string) string) map[string]any {
		all := make(map[string]any)
		for _, language := range siteLanguages {
			all[language] = say(language)
		}
		return all
	}
	value := map[string]any{
		"id": r.id(), "name": text(r.name), "acronym": fmt.Sprintf("N%d", r.n), "summary": text(r.summary), "description": text(r.description),
		"links": []any{map[string]any{"rel": "homepage", "url": r.homepage()}},
	}
	switch r.collection {
	case schema.Networks:
		value["tier"], value["kind"], value["purposes"], value["order"] = "member", "alliance", []any{"collaboration"}, r.n
		value["membership"] = map[string]any{"role": "member", "since": "2012"}
		value["partners"] = []any{r.partner(count).id()}
		value["topics"], value["regions"] = anys(r.topics()), anys(r.regions())
	case schema.Organizations:
		value["kind"], value["country"] = "university", "NL"
	case schema.Activities:
		value["kind"], value["network"], value["partners"] = "project", r.network(count).id(), []any{r.partner(count).id()}
		value["topics"], value["regions"] = anys(r.topics()), anys(r.regions())
	}
	return value
}

func anys(all []string) []any {
	out := make([]any, len(all))
	for i, s := range all {
		out[i] = s
	}
	return out
}
