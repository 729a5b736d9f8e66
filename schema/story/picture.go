package story

import "path"

// imageKeys are what a logo says of its file: they change together, and a
// reader sees one difference.
var imageKeys = []string{"path", "digest", "media_type", "size", "width", "height"}

// picture compares two images by the names of their files. Where only the bytes
// differ, it says that the image is a new one: digests tell a reader nothing.
func (w *walker) picture(f field, before, after value) {
	if before.same(after) {
		return
	}
	f.pointer += "/path"
	old, ok1 := before.at("path").json.(string)
	now, ok2 := after.at("path").json.(string)
	if ok1 != before.there || ok2 != after.there || !ok1 && !ok2 {
		w.add(f, "", before, after)
		return
	}
	shownOld, shownNow := fileName(old), fileName(now)
	switch {
	case old == now:
		f.pointer = f.pointer[:len(f.pointer)-len("/path")] + "/digest"
		shownNow = w.phrasef("newImage", shownNow)
	case shownOld == shownNow:
		shownOld, shownNow = old, now
	}
	if shownOld != shownNow {
		w.out = append(w.out, Difference{f.pointer, w.label(f, ""), shownOld, shownNow})
	}
}

// fileName is the last part of a path; "" of none.
func fileName(p string) string {
	if p == "" {
		return ""
	}
	return path.Base(p)
}
