package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/schema/shared"
	"netsync/worker/yaml"
)

// checkLanguages reports the languages of the dataset that a translated text lacks, and
// languages that the dataset does not have. A plain string is an untranslated text in the
// default language, and has no finding.
func (c *check) checkLanguages(value any, at *schema.Path) {
	byLanguage, ok := value.(map[string]any)
	if !ok || len(c.ctx.Languages) == 0 {
		return
	}
	for i, language := range c.ctx.Languages {
		if _, ok := byLanguage[language]; !ok {
			c.addUntranslated(at.String(), language, c.ctx.Languages[:i])
		}
	}
	for language := range byLanguage {
		if !slices.Contains(c.ctx.Languages, language) {
			c.addForeign(at.String(), language)
		}
	}
}

func (c *check) addUntranslated(pointer, language string, before []string) {
	c.add(missingTranslation, c.d.LocateMissing(pointer, before), pointer, fmt.Sprintf("Add %s: and the text.", language),
		"%s has no text in %s", formatSubject(pointer), language)
}

func (c *check) addForeign(pointer, language string) {
	remedy := ""
	if near := shared.Nearest(language, c.ctx.Languages, 1); near != "" {
		remedy = fmt.Sprintf("Did you mean %q? Otherwise add %s to languages in the manifest.", near, language)
	}
	at := yaml.PointerTo(pointer, language)
	c.add(unknownLanguage, c.d.LocateKey(at), at, remedy, "%s is in %s, which is no language of the dataset (%s)",
		formatSubject(pointer), language, strings.Join(c.ctx.Languages, ", "))
}

// checkLabels reports terms of the vocabularies with a label in the default language only:
// readers of other languages filter by them as well.
func (c *check) checkLabels() {
	vocabularies, _ := c.d.Value["vocabularies"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(vocabularies)) {
		terms, _ := vocabularies[name].(map[string]any)
		for _, term := range slices.Sorted(maps.Keys(terms)) {
			if label, ok := terms[term].(string); ok && len(c.ctx.Languages) > 1 {
				c.addUnlabelled(yaml.PointerTo("/vocabularies/"+name, term), label)
			}
		}
	}
}

func (c *check) addUnlabelled(pointer, label string) {
	remedy := fmt.Sprintf("Write {%s: %q, %s: …}.", c.ctx.Language, label, strings.Join(c.ctx.Languages[1:], ": …, "))
	c.add(missingTranslation, c.d.Locate(pointer), pointer, remedy, "%s has a label in %s alone",
		formatSubject(pointer), c.ctx.Language)
}
