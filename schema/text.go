package schema

import "slices"

// A Text is one text in one or more languages, keyed by BCP 47 tag.
type Text map[string]string

// In returns the text in the first of the languages that it has, and that
// language. If it has none of them, In returns the first by tag, so that a
// reader sees something.
func (t Text) In(languages ...string) (text, language string) {
	for _, tag := range languages {
		if s, ok := t[tag]; ok {
			return s, tag
		}
	}
	tags := make([]string, 0, len(t))
	for tag := range t {
		tags = append(tags, tag)
	}
	if len(tags) == 0 {
		return "", ""
	}
	slices.Sort(tags)
	return t[tags[0]], tags[0]
}
