package listmonk

import (
	"context"
	"net/http"
)

// TemplateName and TemplateBody are those of a template that leaves a message as
// it is. Without one listmonk puts its default template around it.
const (
	TemplateName = "netsync"
	TemplateBody = `{{ template "content" . }}`
)

// Template returns the id of the template of that name, making it where there is
// none: of several, that of the first. What somebody made of it in listmonk
// since is theirs to decide.
func (c *Client) Template(ctx context.Context) (int, error) {
	type template struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	var all []template
	if err := c.do(ctx, "look for the template "+TemplateName, http.MethodGet, "templates", map[string][]string{"no_body": {"true"}}, nil, &all); err != nil {
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
	err := c.do(ctx, "make the template "+TemplateName, http.MethodPost, "templates", nil, body, &made)
	return made.ID, err
}
