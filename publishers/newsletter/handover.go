package newsletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/listmonk"
)

// listmonk has no idempotency keys, but campaigns can be read back by name and
// by id, so no result is ever uncertain. A digest becomes a campaign in steps. A
// process that continues, after a crash or concurrently, reads the last step from
// the ledger:
//
//  1. A campaign with the digest's name is found, or created as a draft.
//  2. The ledger records that this one is chosen. If two were created, the other
//     remains a draft, and is removed.
//  3. The ledger records that it is started, and then listmonk starts it.
//  4. It is no longer a draft: the digest is completed.

// errWithdrawn is returned if the digest was withdrawn meanwhile.
var errWithdrawn = errors.New("the digest was taken back: its changes go into the next one")

// handOver has listmonk send a digest, and completes it when listmonk has
// begun. If it has not, the error is an *UnfinishedError.
func (n *Newsletter) handOver(ctx context.Context, l ledger, s Sent, c content) (Report, error) {
	report := Report{Digest: s.ID, Subject: s.Subject}
	mailed, err := n.countMarks(ctx, l, s, 0)
	if err != nil {
		return report, fmt.Errorf("newsletter: %w", err)
	}
	if mailed != (Counts{}) {
		n.Log.Warn("digest not handed over to listmonk: some messages were mailed before", zap.String("digest", s.ID))
		return report, n.close(ctx, l, s, mailed)
	}
	created, err := n.newHandoverTask(l, s, c).run(ctx)
	if err != nil {
		n.Log.Info("digest not finished", zap.String("digest", s.ID))
		return report, &UnfinishedError{s.ID, 0, err}
	}
	created = n.waitForCount(ctx, created)
	report.Campaign, report.Recipients, report.Sent = created.ID, created.ToSend, created.Sent
	n.Log.Info("digest handed over to listmonk", zap.String("digest", s.ID), zap.Int("campaign", created.ID),
		zap.String("status", string(created.Status)), zap.Int("recipients", created.ToSend))
	s.Campaign, s.Recipients = created.ID, created.ToSend
	return report, n.close(ctx, l, s, Counts{})
}

// A handoverTask hands a digest over to listmonk.
type handoverTask struct {
	*Newsletter
	ledger  ledger
	digest  Sent
	content content
}

func (n *Newsletter) newHandoverTask(l ledger, s Sent, c content) handoverTask {
	return handoverTask{n, l, s, c}
}

// run continues from the recorded step until the campaign is started.
func (h handoverTask) run(ctx context.Context) (listmonk.Campaign, error) {
	late := false // another process chose one first, and may have removed drafts before ours existed
	for {
		if err := ctx.Err(); err != nil {
			return listmonk.Campaign{}, err
		}
		stored, err := h.ledger.readHandover(ctx, h.digest)
		if err != nil {
			return listmonk.Campaign{}, err
		}
		next := handover{At: h.Now().UTC(), Campaign: stored.Campaign}
		switch stored.Step {
		case handoverWithdrawn:
			return listmonk.Campaign{}, errWithdrawn
		case handoverStarted:
			if late {
				if err := h.removeDrafts(ctx, stored.Campaign); err != nil {
					return listmonk.Campaign{}, err
				}
			}
			return h.start(ctx, stored.Campaign)
		case handoverChosen:
			if err := h.removeDrafts(ctx, stored.Campaign); err != nil {
				return listmonk.Campaign{}, err
			}
			next.Step = handoverStarted
		default:
			if next.Campaign, err = h.pickCampaign(ctx); err != nil {
				return listmonk.Campaign{}, err
			}
			next.Step = handoverChosen
		}
		first, err := h.ledger.advanceHandover(ctx, h.digest, stored, next)
		if err != nil {
			return listmonk.Campaign{}, err
		}
		late = late || !first
	}
}

// pickCampaign returns the id of a campaign for the digest, existing or new.
// Its creator may have crashed, or may be choosing it now.
func (h handoverTask) pickCampaign(ctx context.Context) (int, error) {
	d, err := h.campaignDraft(h.ledger.dataset, h.digest, h.content)
	if err != nil {
		return 0, err
	}
	if d, err = h.prepareCampaign(ctx, d); err != nil {
		return 0, err
	}
	if id, err := h.findCampaign(ctx, d); err != nil || id != 0 {
		return id, err
	}
	created, err := h.create(ctx, d)
	if err == nil {
		return created.ID, nil
	}
	// The request may have succeeded although the response was lost.
	if id, findErr := h.findCampaign(ctx, d); findErr == nil && id != 0 {
		return id, nil
	}
	return 0, err
}

// findCampaign returns the digest's first campaign, or rather one that was started; 0
// if there is none. It ignores drafts for other lists or with another template,
// which were created with other settings.
func (h handoverTask) findCampaign(ctx context.Context, d listmonk.Draft) (int, error) {
	all, err := h.campaigns.Find(ctx, d.Name, h.digest.ID)
	if err != nil {
		return 0, err
	}
	draft := 0
	for _, c := range all {
		if c.Status != listmonk.StatusDraft {
			return c.ID, nil
		}
		if draft == 0 && isForLists(c, d) && c.Template == d.Template {
			draft = c.ID
		}
	}
	return draft, nil
}

// removeDrafts removes the digest's drafts except the chosen one. A draft that
// appears later is never started.
func (h handoverTask) removeDrafts(ctx context.Context, chosen int) error {
	all, err := h.campaigns.Find(ctx, campaignName(h.ledger.dataset, h.digest), h.digest.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.ID == chosen || c.Status != listmonk.StatusDraft {
			continue
		}
		h.Log.Warn("removing a second draft of a digest from listmonk", zap.String("digest", h.digest.ID), zap.Int("campaign", c.ID))
		if err := h.campaigns.Delete(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// start starts the campaign if it is a draft, and returns it. A campaign that
// was paused, cancelled or removed in listmonk remains so.
func (h handoverTask) start(ctx context.Context, id int) (listmonk.Campaign, error) {
	c, ok, err := h.readCampaign(ctx, h.ledger.dataset, h.digest, id)
	if err == nil && ok && c.Status == listmonk.StatusDraft {
		// After an error, another process may have been first, or the response was
		// lost: read the campaign again.
		failed := h.campaigns.Start(ctx, id)
		if c, ok, err = h.readCampaign(ctx, h.ledger.dataset, h.digest, id); err == nil && ok && c.Status == listmonk.StatusDraft {
			err = failed
			if err == nil {
				err = fmt.Errorf("listmonk was asked to start campaign %d, and it is still a draft", id)
			}
		}
	}
	if err != nil {
		return c, err
	}
	if !ok {
		h.Log.Warn("campaign of a digest was removed in listmonk; not creating it again", zap.String("digest", h.digest.ID), zap.Int("campaign", id))
		return listmonk.Campaign{ID: id}, nil
	}
	return c, nil
}

// readCampaign reads the chosen campaign; ok is false if it was removed. That
// needs a second confirmation, as a proxy may answer instead of listmonk.
func (n *Newsletter) readCampaign(ctx context.Context, dataset string, s Sent, id int) (c listmonk.Campaign, ok bool, err error) {
	if c, ok, err = n.campaigns.Get(ctx, id); err != nil || ok {
		return c, ok, err
	}
	all, err := n.campaigns.Find(ctx, campaignName(dataset, s), s.ID)
	if err != nil {
		return c, false, err
	}
	for _, c := range all {
		if c.ID == id {
			return c, false, fmt.Errorf("listmonk says that there is no campaign %d, and lists it", id)
		}
	}
	return c, false, nil
}

// Limit and interval of waiting for listmonk to count the subscribers of a
// campaign. It looks for campaigns to send every five seconds.
const (
	countLimit = 10 * time.Second
	countPause = 500 * time.Millisecond
)

// waitForCount waits until listmonk has counted the subscribers of a campaign,
// for the report only. It returns the campaign as last read.
func (n *Newsletter) waitForCount(ctx context.Context, c listmonk.Campaign) listmonk.Campaign {
	for deadline := time.Now().Add(countLimit); c.Status == listmonk.StatusRunning && c.ToSend == 0 && time.Now().Before(deadline); {
		select {
		case <-ctx.Done():
			return c
		case <-time.After(countPause):
		}
		now, ok, err := n.campaigns.Get(ctx, c.ID)
		if err != nil || !ok {
			return c
		}
		c = now
	}
	return c
}

// withdrawCampaign ensures that no campaign of a digest is started anymore. It
// returns true if one was started before.
func (n *Newsletter) withdrawCampaign(ctx context.Context, l ledger, s Sent) (handed bool, err error) {
	for {
		stored, err := l.readHandover(ctx, s)
		if err != nil || stored.Step == handoverWithdrawn || stored.Step == "" && n.campaigns == nil {
			return false, err
		}
		if stored.Step == handoverStarted {
			if begun, err := n.checkStarted(ctx, l, s, stored.Campaign); err != nil || begun {
				return true, err
			}
		}
		done, err := l.advanceHandover(ctx, s, stored, handover{Step: handoverWithdrawn, Campaign: stored.Campaign, At: n.Now().UTC()})
		if err != nil {
			return false, err
		}
		if done {
			n.deleteCampaign(ctx, stored.Campaign)
			return false, nil
		}
	}
}

// deleteCampaign removes a draft that will not be started. If that fails, it
// remains a draft.
func (n *Newsletter) deleteCampaign(ctx context.Context, id int) {
	if id == 0 || n.campaigns == nil {
		return
	}
	if err := n.campaigns.Delete(ctx, id); err != nil {
		n.Log.Warn("cannot delete the draft campaign of a cancelled digest; delete it in listmonk", zap.Int("campaign", id), zap.Error(err))
	}
}

// checkStarted reports whether a campaign that may have been started was. It
// removes a draft first, so that no other process can start it. Without access
// to listmonk it returns true: better no digest than two.
func (n *Newsletter) checkStarted(ctx context.Context, l ledger, s Sent, id int) (bool, error) {
	if n.campaigns == nil {
		return true, nil
	}
	c, ok, err := n.readCampaign(ctx, l.dataset, s, id)
	if err != nil || !ok || c.Status != listmonk.StatusDraft {
		return true, err
	}
	return false, n.campaigns.Delete(ctx, id)
}

// closeHandedOver completes a digest that was handed over to listmonk before
// mail was configured.
func (n *Newsletter) closeHandedOver(ctx context.Context, l ledger, s Sent, err error) (Report, error) {
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	n.Log.Warn("digest not mailed: it was handed over to listmonk before", zap.String("digest", s.ID))
	return Report{Digest: s.ID, Subject: s.Subject}, n.close(ctx, l, s, Counts{})
}
