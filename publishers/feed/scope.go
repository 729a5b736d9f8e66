package feed

import (
	"encoding/json"
	"slices"
	"strings"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A scope selects the changes of a feed: all, those of major significance
// (major), of a collection (networks), of a network and its activities
// (networks/una-europa), or of the records on a topic (topics/water).
type scope string

const (
	allChanges  scope = publishers.AllChanges
	majorOnly   scope = "major"
	topicPrefix       = "topics/"
)

// scopesOf returns the distinct scopes of a change, sorted.
func scopesOf(c *event.Change) []scope {
	scopes := []scope{allChanges, scope(c.Collection)}
	if c.Significance == event.Major {
		scopes = append(scopes, majorOnly)
	}
	before, after := linksOf(c.Previous), linksOf(c.Record)
	for _, topic := range slices.Concat(after.Topics, before.Topics) {
		if schema.ValidID(topic) {
			scopes = append(scopes, topicPrefix+scope(topic))
		}
	}
	for _, network := range []string{after.Network, before.Network, changedNetwork(c)} {
		if schema.ValidID(network) {
			scopes = append(scopes, networkScope(network))
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

func changedNetwork(c *event.Change) string {
	if c.Collection == schema.Networks {
		return c.ID
	}
	return ""
}

func networkScope(id string) scope {
	return scope(schema.RecordID{Collection: schema.Networks, ID: id}.String())
}

// recordLinks holds the fields that link a record to feeds.
type recordLinks struct {
	Topics  []string `json:"topics"`
	Network string   `json:"network"` // of an activity
}

func linksOf(record json.RawMessage) (b recordLinks) {
	// A record whose topics cannot be read has none.
	_ = json.Unmarshal(record, &b)
	return b
}

// networkRecord returns the network of the scope, if it has one.
func (s scope) networkRecord() (schema.RecordID, bool) {
	id, err := schema.ParseRecordID(string(s))
	return id, err == nil && id.Collection == schema.Networks
}

// topicID returns the topic of the scope, if it has one.
func (s scope) topicID() (string, bool) { return strings.CutPrefix(string(s), topicPrefix) }

// A feedKey identifies a feed.
type feedKey struct {
	scope    scope
	language string
}

// filePath returns the path of the feed's files without the extension. Archive
// pages are named by pageName.
func (k feedKey) filePath(m *schema.Manifest) string {
	return strings.TrimPrefix(publishers.FeedPath(m, k.language, string(k.scope)), "/")
}

// feedPath returns the path, without the extension, of a feed in JSON. ok is
// false for archive pages and other files.
func feedPath(name string) (path string, ok bool) {
	path, ok = strings.CutSuffix(name, ".json")
	return path, ok && !strings.Contains(path, ".") && (path == "feed" || strings.HasPrefix(path, "feeds/"))
}

// findFeeds returns the feeds among the names of files.
func findFeeds(m *schema.Manifest, names []string) []feedKey {
	var keys []feedKey
	for _, name := range names {
		path, ok := feedPath(name)
		if !ok {
			continue
		}
		if path == "feed" {
			keys = append(keys, feedKey{allChanges, m.DefaultLanguage()})
			continue
		}
		rest := strings.TrimPrefix(path, "feeds/")
		p := feedKey{scope(rest), m.DefaultLanguage()}
		for _, language := range m.Languages {
			prefix := strings.TrimPrefix(publishers.LanguagePath(m, language), "/")
			if after, ok := strings.CutPrefix(rest, prefix); ok && prefix != "" {
				p = feedKey{scope(after), language}
			}
		}
		keys = append(keys, p)
	}
	return keys
}
