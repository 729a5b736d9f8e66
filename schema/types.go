package schema

import (
	"encoding/json"
	"fmt"
)

// A Manifest describes a dataset, in its published form.
type Manifest struct {
	Schema       string             `json:"schema"`
	ID           string             `json:"id"`
	Title        Text               `json:"title"`
	Institution  string             `json:"institution,omitempty"` // id of an organization
	Homepage     string             `json:"homepage,omitempty"`
	Languages    []string           `json:"languages"` // the first is the default
	TimeZone     string             `json:"time_zone"` // IANA name
	License      string             `json:"license,omitempty"`
	Intro        Text               `json:"intro,omitempty"` // CommonMark
	Sections     map[string]Section `json:"sections,omitempty"`
	Vocabularies Vocabularies       `json:"vocabularies"`
}

// Vocabularies are the terms that records may use, with their labels.
type Vocabularies struct {
	Purposes map[string]Text `json:"purposes,omitempty"`
	Regions  map[string]Text `json:"regions,omitempty"`
	Topics   map[string]Text `json:"topics,omitempty"`
}

// Terms returns the terms of a vocabulary by its name; nil if unknown.
func (v Vocabularies) Terms(name string) map[string]Text {
	switch name {
	case "purposes":
		return v.Purposes
	case "regions":
		return v.Regions
	case "topics":
		return v.Topics
	}
	return nil
}

// DefaultLanguage returns the language of plain strings.
func (m *Manifest) DefaultLanguage() string {
	if len(m.Languages) == 0 {
		return "en"
	}
	return m.Languages[0]
}

// DecodeManifest decodes a manifest in its published form.
func DecodeManifest(data []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("decode manifest: %w", err)
	}
	return &m, nil
}

// A Section is the heading and lead-in of a tier on the overview.
type Section struct {
	Title Text `json:"title,omitempty"`
	Lead  Text `json:"lead,omitempty"`
}

// A Network is a network or association, in its published form.
type Network struct {
	ID          string      `json:"id"`
	Name        Text        `json:"name"`
	Acronym     string      `json:"acronym,omitempty"`
	Tier        string      `json:"tier"` // key or member
	Order       *int        `json:"order,omitempty"`
	Kind        string      `json:"kind"`
	Purposes    []string    `json:"purposes"`
	Summary     Text        `json:"summary"`
	Description Text        `json:"description,omitempty"` // CommonMark
	Founded     string      `json:"founded,omitempty"`     // EDTF
	Membership  Membership  `json:"membership"`
	Members     *Members    `json:"members,omitempty"`
	Countries   *Count      `json:"countries,omitempty"`
	Partners    []string    `json:"partners"`
	Regions     []string    `json:"regions"`
	Topics      []string    `json:"topics"`
	Standing    []Standing  `json:"standing"`
	Audience    Text        `json:"audience,omitempty"`
	Links       []Link      `json:"links"`
	Identifiers Identifiers `json:"identifiers"`
	Logo        *Logo       `json:"logo,omitempty"`
	Aliases     []string    `json:"aliases"`
}

// Membership is the institution's own membership of a network.
type Membership struct {
	Role      string `json:"role"`
	Since     string `json:"since,omitempty"`     // EDTF
	Until     string `json:"until,omitempty"`     // EDTF
	Successor string `json:"successor,omitempty"` // id of a network
	Status    Status `json:"status"`
}

// A Count is a number with the date at which it was correct.
type Count struct {
	Count       int    `json:"count"`
	Approximate bool   `json:"approximate,omitempty"`
	AsOf        string `json:"as_of,omitempty"` // EDTF
}

// Members is the number of a network's members, and those with records.
type Members struct {
	Count         *int     `json:"count,omitempty"`
	Approximate   bool     `json:"approximate,omitempty"`
	AsOf          string   `json:"as_of,omitempty"` // EDTF
	Organizations []string `json:"organizations,omitempty"`
}

// Standing is a network's standing with another body.
type Standing struct {
	With   string `json:"with"` // id of an organization
	Status Text   `json:"status"`
}

// A Link is a link to a page elsewhere.
type Link struct {
	Rel   string `json:"rel"`
	URL   string `json:"url"`
	Title Text   `json:"title,omitempty"`
}

// Identifiers are a record's names in public registries.
type Identifiers struct {
	ROR      string `json:"ror,omitempty"`
	Wikidata string `json:"wikidata,omitempty"`
	ISNI     string `json:"isni,omitempty"`
	GRID     string `json:"grid,omitempty"`
}

// A Logo is an image of the dataset. All fields but Path and Alt are derived
// from the image; see Image.
type Logo struct {
	Path      string `json:"path"`
	Alt       Text   `json:"alt,omitempty"`
	Digest    Digest `json:"digest"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`             // bytes
	Width     int    `json:"width,omitempty"`  // pixels; 0 if the image does not specify it
	Height    int    `json:"height,omitempty"` // likewise
}

// An Organization is a member, partner or host in records.
type Organization struct {
	ID          string      `json:"id"`
	Name        Text        `json:"name"`
	Acronym     string      `json:"acronym,omitempty"`
	Kind        string      `json:"kind"`
	Country     string      `json:"country,omitempty"` // ISO 3166-1 alpha-2
	City        Text        `json:"city,omitempty"`
	Summary     Text        `json:"summary,omitempty"`
	Description Text        `json:"description,omitempty"` // CommonMark
	Links       []Link      `json:"links"`
	Identifiers Identifiers `json:"identifiers"`
	Logo        *Logo       `json:"logo,omitempty"`
	Aliases     []string    `json:"aliases"`
}

// An Activity is a hub, project, fund, school, programme or event run in a
// network.
type Activity struct {
	ID          string   `json:"id"`
	Name        Text     `json:"name"`
	Acronym     string   `json:"acronym,omitempty"`
	Kind        string   `json:"kind"`
	Network     string   `json:"network"` // id of a network
	Partners    []string `json:"partners"`
	Place       *Place   `json:"place,omitempty"`
	Regions     []string `json:"regions"`
	Topics      []string `json:"topics"`
	Summary     Text     `json:"summary,omitempty"`
	Description Text     `json:"description,omitempty"` // CommonMark
	Starts      string   `json:"starts,omitempty"`      // EDTF
	Ends        string   `json:"ends,omitempty"`        // EDTF
	Status      string   `json:"status,omitempty"`      // planned, active, ended
	Links       []Link   `json:"links"`
	Logo        *Logo    `json:"logo,omitempty"`
	Aliases     []string `json:"aliases"`
}

// A Place is the location of an activity.
type Place struct {
	City    Text   `json:"city,omitempty"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}
