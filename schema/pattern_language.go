package schema

import "strings"

// languagePattern is the pattern of language tags in common.schema.json.
const languagePattern = `^[a-z]{2,3}` + // language
	`(-[A-Z][a-z]{3})?` + // script
	`(-([A-Z]{2}|[0-9]{3}))?` + // region
	`(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*` + // variants
	`(-[a-wyz0-9](-[a-z0-9]{2,8})+)*` + // extensions
	`(-x(-[a-z0-9]{1,8})+)?$` // private use

// isLanguage reports whether s has the form of a BCP 47 language tag.
func isLanguage(s string) bool {
	language, rest, more := strings.Cut(s, "-")
	if len(language) < 2 || len(language) > 3 || !each(language, isLower) {
		return false
	}
	if !more {
		return true
	}
	tags := subtags{rest: "-" + rest}
	tags.skip(isScript)
	tags.skip(isRegion)
	for tags.skip(isVariant) {
	}
	for tags.skip(isSingleton) {
		if !tags.skipAll(isExtension) {
			return false
		}
	}
	if tags.skip(isPrivateUse) && !tags.skipAll(isPrivate) {
		return false
	}
	return tags.rest == ""
}

// subtags are what is left of a language tag, each with a hyphen before it.
type subtags struct{ rest string }

// skip passes the next subtag, if it is of a kind. No subtag is of two kinds
// that may stand in the same place, so nothing that was passed is missed
// later.
func (t *subtags) skip(kind func(string) bool) bool {
	if t.rest == "" {
		return false
	}
	tag := t.rest[1:]
	if hyphen := strings.IndexByte(tag, '-'); hyphen >= 0 {
		tag = tag[:hyphen]
	}
	if !kind(tag) {
		return false
	}
	t.rest = t.rest[1+len(tag):]
	return true
}

// skipAll passes one subtag or more.
func (t *subtags) skipAll(kind func(string) bool) bool {
	found := false
	for t.skip(kind) {
		found = true
	}
	return found
}

func isScript(s string) bool { return len(s) == 4 && isUpper(s[0]) && each(s[1:], isLower) }

func isRegion(s string) bool {
	return len(s) == 2 && each(s, isUpper) || len(s) == 3 && each(s, isDigit)
}

func isVariant(s string) bool {
	return (len(s) >= 5 && len(s) <= 8 || len(s) == 4 && isDigit(s[0])) && each(s, isLowerOrDigit)
}

func isSingleton(s string) bool { return len(s) == 1 && s != "x" && isLowerOrDigit(s[0]) }

func isExtension(s string) bool { return len(s) >= 2 && len(s) <= 8 && each(s, isLowerOrDigit) }

func isPrivateUse(s string) bool { return s == "x" }

func isPrivate(s string) bool { return len(s) >= 1 && len(s) <= 8 && each(s, isLowerOrDigit) }
