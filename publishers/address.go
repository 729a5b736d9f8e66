package publishers

import (
	"strings"

	"netsync/schema"
)

// PagePath returns the path of a record's page on the website, below its base
// address: /networks/una-europa/, in other languages than the default
// /nl/networks/una-europa/.
func PagePath(m *schema.Manifest, language string, id schema.RecordID) string {
	return LanguagePath(m, language) + id.String() + "/"
}

// LanguagePath returns the path of the overview in a language: / or /nl/.
func LanguagePath(m *schema.Manifest, language string) string {
	if language == "" || language == m.DefaultLanguage() {
		return "/"
	}
	return "/" + strings.ToLower(language) + "/"
}
