package website

import (
	"encoding/json"
	"fmt"

	"netsync/schema"
)

// Brief records are those without their long texts, which take most of the
// time that decoding takes, and which only the records' own pages show. What
// stands in their place takes in nothing.
type (
	briefNetwork struct {
		schema.Network
		Description struct{} `json:"description"`
	}
	briefOrganization struct {
		schema.Organization
		Description struct{} `json:"description"`
	}
	briefActivity struct {
		schema.Activity
		Description struct{} `json:"description"`
	}
)

// A brief is a record for those to whom its long texts do not matter. It is
// decoded when that is first asked for.
type brief struct {
	schema.Record
	value any
}

// decoded is a *schema.Network, *schema.Organization or *schema.Activity.
func (b *brief) decoded() (any, error) {
	var err error
	if b.value == nil {
		b.value, err = briefly(b.Record)
	}
	return b.value, err
}

// briefly decodes a record but for its long texts.
func briefly(r schema.Record) (any, error) {
	var err error
	decode := func(v any) {
		if err = json.Unmarshal(r.JSON, v); err != nil {
			err = fmt.Errorf("decode %s: %w", r.ID, err)
		}
	}
	switch r.ID.Collection {
	case schema.Networks:
		var n briefNetwork
		decode(&n)
		return &n.Network, err
	case schema.Organizations:
		var o briefOrganization
		decode(&o)
		return &o.Organization, err
	default:
		var a briefActivity
		decode(&a)
		return &a.Activity, err
	}
}
