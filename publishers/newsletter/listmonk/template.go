package listmonk

import (
	"context"
	"net/http"
)

// TemplateName and TemplateBody define a template that renders a message
// unchanged. Without it, listmonk applies its default template.
const (
	TemplateName = "netsync"
	TemplateBody = `{{ template "content" . }}`
)

// EnsureTemplate returns the id of the first template with TemplateName,
// creating it if needed. It does not undo changes that users made in listmonk.
func (c *Client) EnsureTemplate(ctx context.Context) (int, error) {
	type template struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	var all []template
	if err := c.sendRequest(ctx, "look for the template "+TemplateName, http.MethodGet, "templates", map[string][]string{"no_body": {"true"}}, nil, &all); err != nil {
		return 0, err
	}
	first := 0
	for _, t := range all {
		if t.Name == TemplateName && (first == 0 || t.ID < first) {
			first = t.ID
		}
	}
	if first != 0 {
		return first, nil
	}
	var made template
	body := map[string]string{"name": TemplateName, "type": "campaign", "body": TemplateBody}
	err := c.sendRequest(ctx, "make the template "+TemplateName, http.MethodPost, "templates", nil, body, &made)
	return made.ID, err
}
