package newsletter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"netsync/publishers"
	"netsync/publishers/newsletter/draft"
	"netsync/publishers/release"
	"netsync/schema/stream"
)

// Limits of the archive: digests with a page, and digests in the feed, which
// readers fetch completely. Older digests are listed only.
const (
	maxPages = 100
	maxFed   = 20
)

// Paths of the archive and its feed below Config.SelfURL: the newsletter's
// folder is served at publishers.NewsletterPath.
const (
	ArchivePath     = publishers.NewsletterPath + archiveFolder
	ArchiveFeedPath = publishers.NewsletterPath + archiveJSON
)

// Files of the archive. Each digest has a folder below archiveFolder.
const (
	archiveFolder = "archive/"
	archiveIndex  = archiveFolder + "index.html"
	archiveJSON   = archiveFolder + "feed.json"
	archiveAtom   = archiveFolder + "feed.xml"
)

func archivePagePath(id string) string { return archiveFolder + id + "/index.html" }

// sentDigest is a sent digest in lists.
type sentDigest struct {
	Sent
	Title    string // the subject, without the name of the list
	Day, ISO string // when it was sent
	Page     bool   // it has a page
}

// An archiveCache records what this process wrote, so that unchanged files are
// carried over from the current release. It is empty in a new process and for a
// rebuild.
type archiveCache struct {
	pages map[string]bool // by digest id
	feed  string          // what the feed was rendered from
}

// writeArchive writes the archive into a stage, and returns the completed
// digests, newest first.
func (n *Newsletter) writeArchive(ctx context.Context, stage *release.Stage, d draft.Draft, b ledgerState, fresh bool) ([]sentDigest, error) {
	if fresh {
		n.archiveCache = archiveCache{}
	}
	all := listSentDigests(d, b.history)
	written := make(map[string]bool)
	for i := range all[:min(len(all), maxPages)] {
		var err error
		if all[i].Page, err = n.putPage(ctx, stage, b.ledger, all[i]); err != nil {
			return nil, fmt.Errorf("write the page of digest %s: %w", all[i].ID, err)
		}
		written[all[i].ID] = all[i].Page
	}
	n.archiveCache.pages = written
	if err := n.putFeed(ctx, stage, d, b.ledger, all); err != nil {
		return nil, fmt.Errorf("write the feed of digests: %w", err)
	}
	index, err := n.executeTemplate("archive.html.tmpl", archiveListOf(d, all))
	if err != nil {
		return nil, err
	}
	return all, stage.Write(archiveIndex, index)
}

// listSentDigests returns the completed digests, newest first. It omits monthly
// digests, whose changes were in others.
func listSentDigests(d draft.Draft, h history) []sentDigest {
	p := draft.PhrasesIn(d.Language)
	var all []sentDigest
	for _, s := range slices.Backward(h.all) {
		if !s.Completed.IsZero() && !s.Monthly {
			all = append(all, sentDigest{Sent: s, Title: titleOf(d.ListName, s.Subject), Day: p.DayText(s.Created), ISO: s.Created.UTC().Format("2006-01-02")})
		}
	}
	return all
}

// putPage writes the page of a digest into a stage. It returns false if the
// content of the digest is gone.
func (n *Newsletter) putPage(ctx context.Context, stage *release.Stage, l ledger, p sentDigest) (bool, error) {
	name := archivePagePath(p.ID)
	if n.archiveCache.pages[p.ID] && stage.Keep(name) == nil {
		return true, nil
	}
	c, ok, err := l.findContent(ctx, p.Sent)
	if err != nil || !ok {
		return false, err
	}
	html, err := n.executeTemplate("digest.html.tmpl", digestPageOf(c.Draft, p.Sent))
	if err != nil {
		return false, err
	}
	return true, stage.Write(name, html)
}

// findContent reads the content of a sent digest. ok is false if it is gone, or
// has no draft to render from.
func (l ledger) findContent(ctx context.Context, s Sent) (content, bool, error) {
	c, err := l.readContent(ctx, s)
	if errors.Is(err, stream.ErrNoKey) {
		return c, false, nil
	}
	return c, err == nil && c.Draft.Dataset != "", err
}
