package story

import "path"

// imageKeys are the properties of a logo's file. They change together, and are
// one difference for readers.
var imageKeys = []string{"path", "digest", "media_type", "size", "width", "height"}

// compareImages compares two images by their file names. If only the contents
// differ, it describes the image as new, as digests mean nothing to readers.
func (c *comparer) compareImages(f field, before, after value) {
	if before.isEqual(after) {
		return
	}
	f.pointer += "/path"
	old, ok1 := before.valueAt("path").json.(string)
	now, ok2 := after.valueAt("path").json.(string)
	if ok1 != before.isSet || ok2 != after.isSet || !ok1 && !ok2 {
		c.add(f, "", before, after)
		return
	}
	oldName, newName := fileName(old), fileName(now)
	switch {
	case old == now:
		f.pointer = f.pointer[:len(f.pointer)-len("/path")] + "/digest"
		newName = c.formatPhrase("newImage", newName)
	case oldName == newName:
		oldName, newName = old, now
	}
	if oldName != newName {
		c.out = append(c.out, Difference{f.pointer, c.fieldLabel(f, ""), oldName, newName})
	}
}

// fileName returns the last element of a path, or "" for "".
func fileName(p string) string {
	if p == "" {
		return ""
	}
	return path.Base(p)
}
