package feed

import (
	"encoding/json"
	"slices"
	"strings"

	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
)

// A scope says which changes a feed tells: everything, what is of major
// significance (major), those of a collection (networks), those of a network
// and its activities (networks/una-europa), or those of what is on a topic
// (topics/water).
type scope string

const (
	everything scope = publishers.AllChanges
	majorOnly  scope = "major"
	topicsOf         = "topics/"
)

// scopesOf returns the scopes that a change belongs to, each once.
func scopesOf(c *event.Change) []scope {
	scopes := []scope{everything, scope(c.Collection)}
	if c.Significance == event.Major {
		scopes = append(scopes, majorOnly)
	}
	before, after := bondsOf(c.Previous), bondsOf(c.Record)
	for _, topic := range slices.Concat(after.Topics, before.Topics) {
		if schema.ValidID(topic) {
			scopes = append(scopes, topicsOf+scope(topic))
		}
	}
	for _, network := range []string{after.Network, before.Network, networkID(c)} {
		if schema.ValidID(network) {
			scopes = append(scopes, networkScope(network))
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

func networkID(c *event.Change) string {
	if c.Collection == schema.Networks {
		return c.ID
	}
	return ""
}

func networkScope(id string) scope {
	return scope(schema.RecordID{Collection: schema.Networks, ID: id}.String())
}

// bonds are what ties a record to feeds.
type bonds struct {
	Topics  []string `json:"topics"`
	Network string   `json:"network"` // of an activity
}

func bondsOf(record json.RawMessage) (b bonds) {
	// A record without topics that can be read has none.
	_ = json.Unmarshal(record, &b)
	return b
}

// network returns the network that the feed is about.
func (s scope) network() (schema.RecordID, bool) {
	id, err := schema.ParseRecordID(string(s))
	return id, err == nil && id.Collection == schema.Networks
}

// topic returns the topic that the feed is about.
func (s scope) topic() (string, bool) { return strings.CutPrefix(string(s), topicsOf) }

// A place is where a feed has its files.
type place struct {
	scope    scope
	language string
}

// path returns the name of the feed's files without what tells the format.
// Pages of its archive have their number after it; those of the first feed are
// with the others.
func (p place) path(m *schema.Manifest) string {
	return strings.TrimPrefix(publishers.FeedPath(m, p.language, string(p.scope)), "/")
}

// feedFile takes what tells the format off the name of a feed in JSON. Pages of
// archives and other files are none.
func feedFile(name string) (path string, ok bool) {
	path, ok = strings.CutSuffix(name, ".json")
	return path, ok && !strings.Contains(path, ".") && (path == "feed" || strings.HasPrefix(path, "feeds/"))
}

// placesOf finds the feeds among the names of files.
func placesOf(m *schema.Manifest, names []string) []place {
	var places []place
	for _, name := range names {
		path, ok := feedFile(name)
		if !ok {
			continue
		}
		if path == "feed" {
			places = append(places, place{everything, m.DefaultLanguage()})
			continue
		}
		rest := strings.TrimPrefix(path, "feeds/")
		p := place{scope(rest), m.DefaultLanguage()}
		for _, language := range m.Languages {
			prefix := strings.TrimPrefix(publishers.LanguagePath(m, language), "/")
			if after, ok := strings.CutPrefix(rest, prefix); ok && prefix != "" {
				p = place{scope(after), language}
			}
		}
		places = append(places, p)
	}
	return places
}
