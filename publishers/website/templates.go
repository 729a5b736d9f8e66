package website

import (
	"embed"
	"fmt"
	"html/template"
)

//go:embed templates/*.html
var templateFiles embed.FS

// readTemplates parses the templates. Each page template calls "top" and
// "bottom" for what all pages share.
func readTemplates() (*template.Template, error) {
	t, err := template.New("website").Option("missingkey=error").ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("embedded templates: %w", err)
	}
	return t, nil
}
