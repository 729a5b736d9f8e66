package newsletter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"netsync/publishers/newsletter/subscribers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// Paths of the pages for subscribers, below Config.SelfURL. All but the first
// end with a token.
const (
	SignupPath      = "/newsletter/subscribe/"
	ConfirmPath     = "/newsletter/confirm/"
	PreferencesPath = "/newsletter/preferences/"
	UnsubscribePath = "/newsletter/unsubscribe/"
)

// An Offer holds the choices of a subscriber.
type Offer struct {
	Title schema.Text
	subscribers.Offer

	timeZone string // IANA name
}

// errNothingYet is returned if there is no dataset to subscribe to.
var errNothingYet = fmt.Errorf("newsletter: nothing was published yet: %w", fs.ErrNotExist)

// Offer returns the choices. The error is fs.ErrNotExist if nothing was
// published yet.
func (n *Newsletter) Offer(ctx context.Context) (Offer, error) {
	reader, err := n.openReader(ctx)
	if err != nil {
		return Offer{}, err
	}
	last, ok, err := reader.LastChangeset(ctx)
	if err != nil {
		return Offer{}, fmt.Errorf("newsletter: %w", err)
	}
	if !ok {
		return Offer{}, errNothingYet
	}
	m, err := schema.DecodeManifest(last.Changeset.Manifest)
	if err != nil {
		return Offer{}, fmt.Errorf("newsletter: %w", err)
	}
	return Offer{m.Title, subscribers.Offer{Languages: m.Languages, Topics: m.Vocabularies.Topics}, m.TimeZone}, nil
}

// datasetID returns the id of the newsletter's dataset.
func (n *Newsletter) datasetID() (string, error) {
	d, err := n.readDraft()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errNothingYet
	case err != nil:
		return "", fmt.Errorf("newsletter: %w", err)
	case n.JetStream == nil:
		return "", errNoBroker
	}
	return d.Dataset, nil
}

// openReader opens the stream of the newsletter's dataset.
func (n *Newsletter) openReader(ctx context.Context) (*stream.Reader, error) {
	dataset, err := n.datasetID()
	if err != nil {
		return nil, err
	}
	return n.openReaderOf(ctx, dataset)
}

// openReaderOf opens the stream of a dataset.
func (n *Newsletter) openReaderOf(ctx context.Context, dataset string) (*stream.Reader, error) {
	reader, err := stream.Open(ctx, n.JetStream, dataset)
	if err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	return reader, nil
}

// Subscribers opens the list of subscribers, creating it if needed. The error
// is fs.ErrNotExist if nothing was published yet.
func (n *Newsletter) Subscribers(ctx context.Context) (*subscribers.List, error) {
	dataset, err := n.datasetID()
	if err != nil {
		return nil, err
	}
	l, err := subscribers.Open(ctx, n.JetStream, dataset)
	if err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	return l, nil
}

// FindSubscribers opens the list of subscribers; ok is false if there is none.
// The error is fs.ErrNotExist if nothing was published yet.
func (n *Newsletter) FindSubscribers(ctx context.Context) (l *subscribers.List, ok bool, err error) {
	dataset, err := n.datasetID()
	if err != nil {
		return nil, false, err
	}
	if l, ok, err = subscribers.Find(ctx, n.JetStream, dataset); err != nil {
		return nil, false, fmt.Errorf("newsletter: %w", err)
	}
	return l, ok, nil
}

// Invite mails a link to an address: to confirm the subscription or, if it is
// subscribed already, to its preferences. Only the mail tells which, as the
// requester may not own the address.
func (n *Newsletter) Invite(ctx context.Context, r subscribers.Request) error {
	if err := n.checkMail(); err != nil {
		return err
	}
	offer, err := n.Offer(ctx)
	if err != nil {
		return err
	}
	l, err := n.Subscribers(ctx)
	if err != nil {
		return err
	}
	r.Made = n.Now().UTC().Truncate(time.Second)
	inv := offer.newInvitation(r)
	id := l.ID(r.Address)
	switch _, err := l.Get(ctx, id); {
	case err == nil:
		inv.Known, inv.Link = true, n.SelfURL+PreferencesPath+l.Token(subscribers.Prefer, id)
	case errors.Is(err, subscribers.ErrUnknown):
		sealed, err := l.Seal(r)
		if err != nil {
			return fmt.Errorf("newsletter: %w", err)
		}
		inv.Link = n.SelfURL + ConfirmPath + sealed
	default:
		return fmt.Errorf("newsletter: %w", err)
	}
	msg, err := n.composeInvitation(inv)
	if err != nil {
		return err
	}
	if err := n.sendMail(ctx, msg); err != nil {
		return fmt.Errorf("newsletter: the invitation was not sent: %w", err)
	}
	return nil
}

// Requested returns the request in the link of an invitation, and changes
// nothing. The error is subscribers.ErrToken or subscribers.ErrExpired for an
// invalid link and, with the request, subscribers.ErrRenewed for one of an
// earlier secret.
func (n *Newsletter) Requested(ctx context.Context, sealed string) (subscribers.Request, error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return subscribers.Request{}, err
	}
	return n.unsealRequest(ctx, l, sealed)
}

// unsealRequest rejects a link that is older than an unsubscription.
func (n *Newsletter) unsealRequest(ctx context.Context, l *subscribers.List, sealed string) (subscribers.Request, error) {
	r, err := l.Unseal(sealed, n.Now())
	if err != nil && !errors.Is(err, subscribers.ErrRenewed) {
		return r, err
	}
	remaining, leftErr := l.Left(ctx, l.ID(r.Address))
	if leftErr == nil && !remaining.Before(r.Made) {
		leftErr = subscribers.ErrExpired
	}
	return r, cmp.Or(leftErr, err)
}

// Confirm subscribes the address of an invitation's link. It is idempotent.
func (n *Newsletter) Confirm(ctx context.Context, sealed string) (subscribers.Subscriber, error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	r, err := n.unsealRequest(ctx, l, sealed)
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	h, err := n.readHistory(ctx, l.Dataset())
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("newsletter: %w", err)
	}
	s, _, err := n.addSubscriber(ctx, l, h, r, subscribers.ByForm)
	return s, err
}

// addSubscriber adds a subscriber, who gets the next regular digest.
func (n *Newsletter) addSubscriber(ctx context.Context, l *subscribers.List, h history, r subscribers.Request, origin string) (s subscribers.Subscriber, added bool, err error) {
	s, added, err = l.Put(ctx, subscribers.Subscriber{
		Address: r.Address, Preferences: r.Preferences, Origin: origin,
		Confirmed: n.Now().UTC().Truncate(time.Second), Told: h.nextStart(), Base: h.base.Epoch,
	})
	if err != nil {
		return s, false, fmt.Errorf("newsletter: %w", err)
	}
	return s, added, nil
}

// nextStart returns the start of the digest after the last one, sent or open.
func (h history) nextStart() event.Seq { return max(h.lastEnd(), h.openEnd()) }

// Subscriber returns the subscriber of a link, and changes nothing. The error
// is subscribers.ErrToken for an invalid link, subscribers.ErrUnknown for a
// former subscriber and, with the subscriber, subscribers.ErrRenewed for a link
// of an earlier secret.
func (n *Newsletter) Subscriber(ctx context.Context, p subscribers.Purpose, token string) (subscribers.Subscriber, error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	id, err := l.Read(p, token, n.Now())
	if err != nil && !errors.Is(err, subscribers.ErrRenewed) {
		return subscribers.Subscriber{}, err
	}
	s, getErr := l.Get(ctx, id)
	return s, cmp.Or(getErr, err)
}

// Token returns the token of a subscriber's link.
func (n *Newsletter) Token(ctx context.Context, p subscribers.Purpose, id string) (string, error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return "", err
	}
	return l.Token(p, id), nil
}

// Prefer changes a subscriber's preferences, and ends their suspension.
func (n *Newsletter) Prefer(ctx context.Context, token string, p subscribers.Preferences) (subscribers.Subscriber, error) {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	id, err := l.Read(subscribers.Prefer, token, n.Now())
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	offer, err := n.Offer(ctx)
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	if p, err = offer.Check(p); err != nil {
		return subscribers.Subscriber{}, err
	}
	return l.Change(ctx, id, func(s *subscribers.Subscriber) error {
		s.Preferences, s.Bounces, s.Suspended = p, 0, time.Time{}
		return nil
	})
}

// Unsubscribe removes the subscriber of a link, which may be of an earlier
// secret, from the list. It does nothing if they unsubscribed before.
func (n *Newsletter) Unsubscribe(ctx context.Context, token string) error {
	l, err := n.Subscribers(ctx)
	if err != nil {
		return err
	}
	id, err := l.Read(subscribers.Unsubscribe, token, n.Now())
	if err != nil && !errors.Is(err, subscribers.ErrRenewed) {
		return err
	}
	if _, err := l.Remove(ctx, id, n.Now()); err != nil {
		return fmt.Errorf("newsletter: %w", err)
	}
	return nil
}
