package listmonk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// A Status is where a campaign is in its life.
type Status string

// StatusDraft is that of a campaign which nobody started. Any other says that it
// was started, or that somebody in listmonk has decided about it: there are
// scheduled, running, paused, cancelled and finished.
const (
	StatusDraft   Status = "draft"
	StatusRunning Status = "running"
)

// A Campaign is what listmonk tells of one.
type Campaign struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Status Status `json:"status"`
	Lists  []struct {
		ID int `json:"id"`
	} `json:"lists"`
	Template int `json:"template_id"` // 0 for the default one
	ToSend   int `json:"to_send"`     // subscribers; 0 until listmonk has counted them
	Sent     int `json:"sent"`        // messages that went out so far
}

// ListIDs are those of the campaign's lists, sorted.
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
	From     string // "" is listmonk's own sender
	Subject  string // a template, as all three: see Quote
	HTML     string
	Text     string
	Lists    []int // ids
	Template int   // id
	Language string
}

// campaign is a Draft as the API has it.
type campaign struct {
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
	Subscribers []string            `json:"subscribers,omitempty"` // addresses, of a test
}

func (d Draft) campaign() campaign {
	return campaign{
		Name: d.Name, Subject: d.Subject, From: d.From, Type: "regular", ContentType: "html",
		Body: d.HTML, AltBody: d.Text, Messenger: "email", Template: d.Template, Lists: d.Lists,
		Tags: []string{"netsync"}, Headers: []map[string]string{{"Content-Language": d.Language}},
	}
}

// pageSize is how many campaigns are asked for at once, and maxPages how often:
// far more than have one id in their names.
const (
	pageSize = 50
	maxPages = 100
)

// Find returns the campaigns of exactly this name, sorted by id. A search for a
// word of it that no others have, without spaces, narrows down what is looked
// through: listmonk looks for it in names and subjects, as a word or a part, and
// takes some signs as patterns.
func (c *Client) Find(ctx context.Context, name, search string) ([]Campaign, error) {
	found := make(map[int]Campaign) // one that is created meanwhile moves others to the next page
	for page := 1; page <= maxPages; page++ {
		var answer struct {
			Results []Campaign `json:"results"`
			Total   int        `json:"total"`
		}
		query := url.Values{
			"query": {search}, "page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(pageSize)},
			"order_by": {"created_at"}, "order": {"ASC"}, "no_body": {"true"},
		}
		if err := c.do(ctx, "look for a campaign", http.MethodGet, "campaigns", query, nil, &answer); err != nil {
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

// Get returns a campaign; ok is false where there is none of that id.
func (c *Client) Get(ctx context.Context, id int) (found Campaign, ok bool, err error) {
	err = c.do(ctx, fmt.Sprintf("read campaign %d", id), http.MethodGet, campaignPath(id), url.Values{"no_body": {"true"}}, nil, &found)
	if isAbsent(err) {
		return Campaign{}, false, nil
	}
	return found, err == nil, err
}

// Create makes a campaign that is a draft. It gives no promise about two of one
// name: after an error there may be one all the same, which Find tells.
func (c *Client) Create(ctx context.Context, d Draft) (created Campaign, err error) {
	err = c.do(ctx, "create a campaign", http.MethodPost, "campaigns", nil, d.campaign(), &created)
	return created, err
}

// Start has listmonk send a campaign that is a draft. After an error it may be
// sending all the same, which Get tells. listmonk refuses to start one that runs
// or ended.
func (c *Client) Start(ctx context.Context, id int) error {
	return c.do(ctx, fmt.Sprintf("start campaign %d", id), http.MethodPut, campaignPath(id)+"/status", nil, map[string]Status{"status": StatusRunning}, nil)
}

// Delete removes a campaign, whatever its status; one that is gone is fine.
func (c *Client) Delete(ctx context.Context, id int) error {
	err := c.do(ctx, fmt.Sprintf("remove campaign %d", id), http.MethodDelete, campaignPath(id), nil, nil, nil)
	if isAbsent(err) {
		return nil
	}
	return err
}

// Test has listmonk send a campaign that was created, in the words of a draft, to
// one address. listmonk refuses any that is not one of its subscribers'.
func (c *Client) Test(ctx context.Context, id int, d Draft, address string) error {
	body := d.campaign()
	body.Subscribers = []string{address}
	return c.do(ctx, "send a test", http.MethodPost, campaignPath(id)+"/test", nil, body, nil)
}

func campaignPath(id int) string { return "campaigns/" + strconv.Itoa(id) }
