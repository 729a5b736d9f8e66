package diff

import (
	"reflect"

	"netsync/schema"
	"netsync/schema/event"
)

// Significance returns the significance of the change from one published record to another: that
// of the most significant top-level property that differs, by the annotations of the schema. A
// key that the schema does not have (x-…) is trivial.
func Significance(c schema.Collection, before, after map[string]any) event.Significance {
	shape := schema.ShapeOf(c)
	greatest := event.Trivial
	for key := range unionOfKeys(before, after) {
		if reflect.DeepEqual(before[key], after[key]) {
			continue
		}
		switch significanceOf(shape.Properties[key]) {
		case event.Major:
			return event.Major
		case event.Minor:
			greatest = event.Minor
		}
	}
	return greatest
}

func significanceOf(property *schema.Shape) event.Significance {
	switch {
	case property == nil:
		return event.Trivial
	case property.Significance == "":
		return event.Minor
	}
	return event.Significance(property.Significance)
}

func unionOfKeys(a, b map[string]any) map[string]struct{} {
	keys := make(map[string]struct{}, len(a)+len(b))
	for key := range a {
		keys[key] = struct{}{}
	}
	for key := range b {
		keys[key] = struct{}{}
	}
	return keys
}
