package newsletter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/draft"
	"netsync/publishers/newsletter/listmonk"
)

// Listmonk holds the settings of a listmonk that sends the digests to its
// subscribers.
type Listmonk struct {
	URL   string // without /api
	User  string // API user
	Token string
	Lists []int // ids of the lists that a digest goes to
	// Template is the id of the template around a digest; 0 finds or creates
	// one that renders it unchanged.
	Template int
}

// newListmonk returns the client for listmonk, or nil if mail is sent by SMTP.
func (c Config) newListmonk() (*listmonk.Client, error) {
	l := c.Listmonk
	switch {
	case l == nil:
		return nil, nil
	case c.SMTP != "" || len(c.Recipients) > 0:
		return nil, errors.New("newsletter: listmonk sends to people that it knows; take out the mail server and the recipients, or listmonk")
	case l.URL == "" || l.User == "" || l.Token == "" || len(l.Lists) == 0:
		return nil, errors.New("newsletter: listmonk needs an address, a user of its API, a token and lists")
	}
	return listmonk.New(l.URL, l.User, l.Token), nil
}

// campaignName returns the name of a digest's campaign. It is unique: a digest
// that is cancelled and begun again may have the same id, but not the same
// time. Users see it in listmonk.
func campaignName(dataset string, s Sent) string {
	return fmt.Sprintf("%s digest %s %s", dataset, s.Created.UTC().Format(time.RFC3339), s.ID)
}

// campaignDraft returns the campaign of a digest, with listmonk's links for
// unsubscribing.
func (n *Newsletter) campaignDraft(dataset string, s Sent, c content) (listmonk.Draft, error) {
	own := draft.Links{Preferences: "https://listmonk.invalid/" + rand.Text(), Unsubscribe: "https://listmonk.invalid/" + rand.Text()}
	if c.Draft.Dataset != "" { // older versions stored no draft: leave the messages as they are
		messages, err := n.composeFor(c.Draft, &own)
		if err != nil {
			return listmonk.Draft{}, err
		}
		c.HTML, c.Text = messages.HTML, messages.Text
	}
	expressions := []string{own.Preferences, listmonk.ManageURL, own.Unsubscribe, listmonk.UnsubscribeURL}
	d := listmonk.Draft{
		Name: campaignName(dataset, s), Subject: listmonk.QuoteSubject(draft.SingleLine(s.Subject)),
		HTML: listmonk.Quote(c.HTML, expressions...), Text: listmonk.Quote(c.Text, expressions...),
		Lists: n.Listmonk.Lists, Language: c.Language,
	}
	if n.sender.from != nil {
		d.From = n.sender.from.String()
	}
	return d, nil
}

// prepareCampaign checks that listmonk has the lists, and sets the template.
func (n *Newsletter) prepareCampaign(ctx context.Context, d listmonk.Draft) (listmonk.Draft, error) {
	for _, id := range d.Lists {
		switch ok, err := n.campaigns.HasList(ctx, id); {
		case err != nil:
			return d, err
		case !ok:
			return d, fmt.Errorf("listmonk has no list %d that its user %q may see; see newsletter.listmonk.lists", id, n.Listmonk.User)
		}
	}
	if d.Template = n.Listmonk.Template; d.Template != 0 {
		return d, nil
	}
	var err error
	if d.Template, err = n.campaigns.EnsureTemplate(ctx); err != nil {
		err = fmt.Errorf("%w; or make one yourself that says %s, and set newsletter.listmonk.template to its id", err, listmonk.TemplateBody)
	}
	return d, err
}

// create creates the campaign as a draft.
func (n *Newsletter) create(ctx context.Context, d listmonk.Draft) (listmonk.Campaign, error) {
	created, err := n.campaigns.Create(ctx, d)
	if err != nil {
		return created, err
	}
	// listmonk silently omits lists that are missing or not permitted, and
	// replaces a missing template.
	switch {
	case !isForLists(created, d):
		err = fmt.Errorf("listmonk put the campaign on lists %v in place of %v; let its user %q have them", created.ListIDs(), d.Lists, n.Listmonk.User)
	case created.Template != d.Template:
		err = fmt.Errorf("listmonk has no template %d for campaigns; see newsletter.listmonk.template", d.Template)
	default:
		return created, nil
	}
	return created, errors.Join(err, n.campaigns.Delete(ctx, created.ID))
}

// isForLists reports whether a campaign has the lists of a draft.
func isForLists(c listmonk.Campaign, d listmonk.Draft) bool {
	want := slices.Clone(d.Lists)
	slices.Sort(want)
	return slices.Equal(c.ListIDs(), slices.Compact(want))
}

// testCampaign has listmonk send a test to one of its subscribers, by a
// temporary campaign that is never started.
func (n *Newsletter) testCampaign(ctx context.Context, dataset string, s Sent, c content, address string) error {
	d, err := n.campaignDraft(dataset, s, c)
	if err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	if d, err = n.prepareCampaign(ctx, d); err != nil {
		return fmt.Errorf("newsletter: the test was not sent: %w", err)
	}
	created, err := n.create(ctx, d)
	if err != nil {
		return fmt.Errorf("newsletter: the test was not sent: %w", err)
	}
	err = n.campaigns.Test(ctx, created.ID, d, address)
	if deleteErr := n.campaigns.Delete(context.WithoutCancel(ctx), created.ID); deleteErr != nil {
		n.Log.Warn("cannot delete the draft campaign of a test; delete it in listmonk", zap.Int("campaign", created.ID), zap.Error(deleteErr))
	}
	if e, ok := errors.AsType[*listmonk.Error](err); ok && e.Status == http.StatusBadRequest {
		return &SetupError{"listmonk sends tests to its own subscribers only, and says: " + e.Message, "add the address to the subscribers in listmonk, and try again"}
	}
	if err != nil {
		return fmt.Errorf("newsletter: the test was not sent: %w", err)
	}
	return nil
}
