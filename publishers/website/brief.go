package website

import (
	"encoding/json"
	"fmt"

	"netsync/schema"
)

// Brief records have no descriptions, which take most of the time to decode
// and which only the records' own pages show. Decoding into struct{} skips a
// description.
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

// A briefRecord is decoded when first needed, without its description.
type briefRecord struct {
	schema.Record
	value any
}

// decode returns a *schema.Network, *schema.Organization or *schema.Activity.
func (r *briefRecord) decode() (any, error) {
	var err error
	if r.value == nil {
		r.value, err = decodeBrief(r.Record)
	}
	return r.value, err
}

// decodeBrief decodes a record without its description.
func decodeBrief(r schema.Record) (any, error) {
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
