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

// briefly decodes a record but for its long texts.
func briefly[T briefNetwork | briefOrganization | briefActivity](r schema.Record) (T, error) {
	var v T
	if err := json.Unmarshal(r.JSON, &v); err != nil {
		return v, fmt.Errorf("decode %s: %w", r.ID, err)
	}
	return v, nil
}
