package listmonk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// A Status is the status of a campaign.
type Status string

// StatusDraft is the status of a campaign that was not started. Other statuses
// mean that it was started, or that a user of listmonk decided about it:
// scheduled, running, paused, cancelled and finished.
const (
	StatusDraft   Status = "draft" // StatusDraft is the status of a campaign that was not started. Other statuses mean that it was started, or that a user of listmonk decided about it: scheduled, running, paused, cancelled and finished.
	StatusRunning Status = "running"
)

// A Campaign is a campaign of listmonk.
type Campaign struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Status Status `json:"status"`
	Lists  []struct {
		ID int `json:"id"`
	} `json:"lists"`
	Template int `json:"template_id"` // 0 is the default template
	ToSend   int `json:"to_send"`     // subscribers; 0 until listmonk counted them
	Sent     int `json:"sent"`        // messages sent so far
}

// ListIDs returns the ids of the campaign's lists, sorted.
func (c Campaign) ListIDs() []int {
	var ids []int
	for _, l := range c.Lists {
		ids = append(ids, l.ID)
	}
	slices.Sort(ids)
	return ids
}

// A Draft is a campaign to create.
type Draft struct {
	Name     string
	From     string // "" is the default sender of listmonk
	Subject  string // a template, as HTML and Text: see Quote
	HTML     string
	Text     string
	Lists    []int // ids
	Template int   // id
	Language string
}

// A campaignRequest is a Draft in the form of the API.
type campaignRequest struct {
	Name        string              `json:"name"`
	Subject     string              `json:"subject"`
	From        string              `json:"from_email,omitempty"`
	Type        string              `json:"type"`
	ContentType string              `json:"content_type"`
	Body        string              `json:"body"`
	AltBody     string              `json:"altbody"`
	Messenger   string              `json:"messenger"`
	Template    int                 `json:"template_id"`
	Lists       []int               `json:"lists"`
	Tags        []string            `json:"tags"`
	Headers     []map[string]string `json:"headers"`
	Subscribers []string            `json:"subscribers,omitempty"` // addresses of a test
}

func (d Draft) toRequest() campaignRequest {
	return campaignRequest{
		Name: d.Name, Subject: d.Subject, From: d.From, Type: "regular", ContentType: "html",
		Body: d.HTML, AltBody: d.Text, Messenger: "email", Template: d.Template, Lists: d.Lists,
		Tags: []string{"netsync"}, Headers: []map[string]string{{"Content-Language": d.Language}},
	}
}

// Limits of a search, far above the number of campaigns with one id in their
// names.
const (
	pageSize = 50
	maxPages = 100
)

// Find returns the campaigns with a name, sorted by id. search is a word of the
// name, without spaces, that narrows the search: listmonk searches names and
// subjects for words or parts, and interprets some characters as patterns.
func (c *Client) Find(ctx context.Context, name, search string) ([]Campaign, error) {
	found := make(map[int]Campaign) // a campaign created meanwhile moves others to the next page
	for page := 1; page <= maxPages; page++ {
		var answer struct {
			Results []Campaign `json:"results"`
			Total   int        `json:"total"`
		}
		query := url.Values{
			"query": {search}, "page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(pageSize)},
			"order_by": {"created_at"}, "order": {"ASC"}, "no_body": {"true"},
		}
		if err := c.sendRequest(ctx, "look for a campaign", http.MethodGet, "campaigns", query, nil, &answer); err != nil {
			return nil, err
		}
		for _, campaign := range answer.Results {
			if campaign.Name == name {
				found[campaign.ID] = campaign
			}
		}
		if len(answer.Results) == 0 || page*pageSize >= answer.Total {
			break
		}
	}
	all := make([]Campaign, 0, len(found))
	for _, campaign := range found {
		all = append(all, campaign)
	}
	slices.SortFunc(all, func(a, b Campaign) int { return a.ID - b.ID })
	return all, nil
}

// Get returns a campaign; ok is false if there is none with that id.
func (c *Client) Get(ctx context.Context, id int) (found Campaign, ok bool, err error) {
	err = c.sendRequest(ctx, fmt.Sprintf("read campaign %d", id), http.MethodGet, campaignPath(id), url.Values{"no_body": {"true"}}, nil, &found)
	if isAbsent(err) {
		return Campaign{}, false, nil
	}
	return found, err == nil, err
}

// Create creates a campaign as a draft. It does not prevent two with one name.
// After an error it may exist all the same; use Find.
func (c *Client) Create(ctx context.Context, d Draft) (created Campaign, err error) {
	err = c.sendRequest(ctx, "create a campaign", http.MethodPost, "campaigns", nil, d.toRequest(), &created)
	return created, err
}

// Start starts a campaign that is a draft. After an error it may run all the
// same; use Get. listmonk refuses to start a running or ended campaign.
func (c *Client) Start(ctx context.Context, id int) error {
	return c.sendRequest(ctx, fmt.Sprintf("start campaign %d", id), http.MethodPut, campaignPath(id)+"/status", nil, map[string]Status{"status": StatusRunning}, nil)
}

// Delete deletes a campaign in any status, if it exists.
func (c *Client) Delete(ctx context.Context, id int) error {
	err := c.sendRequest(ctx, fmt.Sprintf("remove campaign %d", id), http.MethodDelete, campaignPath(id), nil, nil, nil)
	if isAbsent(err) {
		return nil
	}
	return err
}

// Test sends an existing campaign with the content of a draft to one address.
// listmonk accepts only addresses of its subscribers.
func (c *Client) Test(ctx context.Context, id int, d Draft, address string) error {
	body := d.toRequest()
	body.Subscribers = []string{address}
	return c.sendRequest(ctx, "send a test", http.MethodPost, campaignPath(id)+"/test", nil, body, nil)
}

func campaignPath(id int) string { return "campaigns/" + strconv.Itoa(id) }
