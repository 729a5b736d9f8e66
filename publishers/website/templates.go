package website

import (
	"embed"
	"fmt"
	"html/template"
)

//go:embed templates/*.html
var templateFiles embed.FS

// readTemplates parses the templates. Each page template calls "top" and
// "bottom" for what all pages share. The function asset returns the published
// name of an asset: {{.Site.Root}}{{asset "logo.svg"}}.
func readTemplates(assets []asset) (*template.Template, error) {
	asset := func(source string) (string, error) {
		for _, a := range assets {
			if a.source == source {
				return a.name, nil
			}
		}
		return "", fmt.Errorf("there is no asset %q", source)
	}
	t, err := template.New("website").Funcs(template.FuncMap{"asset": asset}).Option("missingkey=error").ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("embedded templates: %w", err)
	}
	return t, nil
}
