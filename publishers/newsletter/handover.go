package newsletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/listmonk"
)

// listmonk has no key that makes a request count once, and what was asked of it
// can be read back: campaigns by their names, one by its id. So nothing is ever
// uncertain. A digest becomes a campaign in steps, and whoever comes to one, after
// a crash or at the same time as another, reads where the digest stands:
//
//  1. A campaign of the digest's name is found, or created as a draft.
//  2. The ledger notes that it is this one. Of two that were created the other
//     stays a draft, and is removed.
//  3. The ledger notes that it is started, and then listmonk starts it.
//  4. It is no draft any more: the digest is finished.

// errWithdrawn says that a digest was given up meanwhile.
var errWithdrawn = errors.New("the digest was taken back: its changes go into the next one")

// handOver has listmonk send a digest, and closes it when listmonk has begun. The
// error is an *UnfinishedError where it has not.
func (n *Newsletter) handOver(ctx context.Context, l ledger, s Sent, c content) (Report, error) {
	report := Report{Digest: s.ID, Subject: s.Subject}
	mailed, err := n.countMarks(ctx, l, s, 0)
	if err != nil {
		return report, fmt.Errorf("newsletter: %w", err)
	}
	if mailed != (Counts{}) {
		n.Log.Warn("digest not handed over to listmonk: a part of its messages was mailed before", zap.String("digest", s.ID))
		return report, n.close(ctx, l, s, mailed)
	}
	made, err := n.newHandoverTask(l, s, c).run(ctx)
	if err != nil {
		n.Log.Info("digest not finished", zap.String("digest", s.ID))
		return report, &UnfinishedError{s.ID, 0, err}
	}
	made = n.waitForCount(ctx, made)
	report.Campaign, report.Recipients, report.Sent = made.ID, made.ToSend, made.Sent
	n.Log.Info("digest handed over to listmonk", zap.String("digest", s.ID), zap.Int("campaign", made.ID),
		zap.String("status", string(made.Status)), zap.Int("recipients", made.ToSend))
	s.Campaign, s.Recipients = made.ID, made.ToSend
	return report, n.close(ctx, l, s, Counts{})
}

// A newHandoverTask is a digest on its way to listmonk.
type handoverTask struct {
	*Newsletter
	ledger  ledger
	digest  Sent
	content content
}

func (n *Newsletter) newHandoverTask(l ledger, s Sent, c content) handoverTask {
	return handoverTask{n, l, s, c}
}

// run goes on from where the digest stands until its campaign is started.
func (h handoverTask) run(ctx context.Context) (listmonk.Campaign, error) {
	late := false // another process chose one first, and perhaps tidied up before ours was there
	for {
		if err := ctx.Err(); err != nil {
			return listmonk.Campaign{}, err
		}
		stands, err := h.ledger.readHandover(ctx, h.digest)
		if err != nil {
			return listmonk.Campaign{}, err
		}
		next := handover{At: h.Now().UTC(), Campaign: stands.Campaign}
		switch stands.Step {
		case handoverWithdrawn:
			return listmonk.Campaign{}, errWithdrawn
		case handoverStarted:
			if late {
				if err := h.removeDrafts(ctx, stands.Campaign); err != nil {
					return listmonk.Campaign{}, err
				}
			}
			return h.start(ctx, stands.Campaign)
		case handoverChosen:
			if err := h.removeDrafts(ctx, stands.Campaign); err != nil {
				return listmonk.Campaign{}, err
			}
			next.Step = handoverStarted
		default:
			if next.Campaign, err = h.pickCampaign(ctx); err != nil {
				return listmonk.Campaign{}, err
			}
			next.Step = handoverChosen
		}
		first, err := h.ledger.advanceHandover(ctx, h.digest, stands, next)
		if err != nil {
			return listmonk.Campaign{}, err
		}
		late = late || !first
	}
}

// pickCampaign returns the id of a campaign that the digest may become: one that is there,
// or a new one. Whoever created it may have died, or may be choosing just now.
func (h handoverTask) pickCampaign(ctx context.Context) (int, error) {
	d, err := h.campaignDraft(h.ledger.dataset, h.digest, h.content)
	if err != nil {
		return 0, err
	}
	if d, err = h.prepareCampaign(ctx, d); err != nil {
		return 0, err
	}
	if id, err := h.find(ctx, d); err != nil || id != 0 {
		return id, err
	}
	made, err := h.create(ctx, d)
	if err == nil {
		return made.ID, nil
	}
	// The answer may have been lost, and not the request.
	if id, again := h.find(ctx, d); again == nil && id != 0 {
		return id, nil
	}
	return 0, err
}

// find returns the first campaign of the digest's name, and one that somebody has
// started before all others; 0 where there is none. A draft for other lists or with
// another template was made with other settings, or not as it was asked for.
func (h handoverTask) find(ctx context.Context, d listmonk.Draft) (int, error) {
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

// removeDrafts removes drafts of the digest that are not the one which was chosen. One
// that comes to light later stays a draft: nobody starts it.
func (h handoverTask) removeDrafts(ctx context.Context, chosen int) error {
	all, err := h.campaigns.Find(ctx, campaignName(h.ledger.dataset, h.digest), h.digest.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.ID == chosen || c.Status != listmonk.StatusDraft {
			continue
		}
		h.Log.Warn("a second draft of a digest is removed from listmonk", zap.String("digest", h.digest.ID), zap.Int("campaign", c.ID))
		if err := h.campaigns.Delete(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// start starts the campaign as long as it is a draft, and returns what became of
// it. One that somebody in listmonk has paused, cancelled or removed stays so.
func (h handoverTask) start(ctx context.Context, id int) (listmonk.Campaign, error) {
	c, ok, err := h.readCampaign(ctx, h.ledger.dataset, h.digest, id)
	if err == nil && ok && c.Status == listmonk.StatusDraft {
		// Where this fails, another process may have been first, or the answer was
		// lost: the campaign itself tells.
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
		h.Log.Warn("the campaign of a digest was removed in listmonk, and is not made again", zap.String("digest", h.digest.ID), zap.Int("campaign", id))
		return listmonk.Campaign{ID: id}, nil
	}
	return c, nil
}

// readCampaign reads the campaign that was chosen; ok is false where it was removed.
// That counts only where listmonk says it twice: whatever stands before it may
// answer in its place that there is no such thing.
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

// How long listmonk may take to count the subscribers of a campaign, and how often
// it is asked. It looks for campaigns to send every five seconds.
const (
	countLimit = 10 * time.Second
	countPause = 500 * time.Millisecond
)

// waitForCount waits until listmonk has counted whom a campaign goes to, so that the
// report can say it. Nothing depends on it: the campaign is returned as it was last
// seen.
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

// withdrawCampaign sees to it that no campaign of a digest is started any more. It
// is true where one was.
func (n *Newsletter) withdrawCampaign(ctx context.Context, l ledger, s Sent) (handed bool, err error) {
	for {
		stands, err := l.readHandover(ctx, s)
		if err != nil || stands.Step == handoverWithdrawn || stands.Step == "" && n.campaigns == nil {
			return false, err
		}
		if stands.Step == handoverStarted {
			if begun, err := n.checkStarted(ctx, l, s, stands.Campaign); err != nil || begun {
				return true, err
			}
		}
		done, err := l.advanceHandover(ctx, s, stands, handover{Step: handoverWithdrawn, Campaign: stands.Campaign, At: n.Now().UTC()})
		if err != nil {
			return false, err
		}
		if done {
			n.deleteCampaign(ctx, stands.Campaign)
			return false, nil
		}
	}
}

// deleteCampaign removes a draft that is not started any more. Where that fails it stays
// a draft.
func (n *Newsletter) deleteCampaign(ctx context.Context, id int) {
	if id == 0 || n.campaigns == nil {
		return
	}
	if err := n.campaigns.Delete(ctx, id); err != nil {
		n.Log.Warn("the campaign of a digest that was taken back is left in listmonk as a draft: it can be removed there", zap.Int("campaign", id), zap.Error(err))
	}
}

// checkStarted reports whether a campaign that may have been started was. A draft is
// removed first, so that whoever wanted to start it cannot. Without listmonk nobody
// can tell: better none than two.
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

// closeHandedOver closes a digest that listmonk has, where the settings are for a mail
// server now.
func (n *Newsletter) closeHandedOver(ctx context.Context, l ledger, s Sent, err error) (Report, error) {
	if err != nil {
		return Report{}, fmt.Errorf("newsletter: %w", err)
	}
	n.Log.Warn("digest not mailed: it was handed over to listmonk before", zap.String("digest", s.ID))
	return Report{Digest: s.ID, Subject: s.Subject}, n.close(ctx, l, s, Counts{})
}
