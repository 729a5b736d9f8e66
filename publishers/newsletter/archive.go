package newsletter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"netsync/publishers"
	"netsync/publishers/release"
	"netsync/schema/stream"
)

// Bounds of the archive: how many digests have a page, and how many are in the
// feed, which a reader fetches whole. Older ones are listed.
const (
	maxPages = 100
	maxFed   = 20
)

// Paths of the archive, and of its feed, below Config.SelfURL: the newsletter's
// folder is served at publishers.NewsletterPath.
const (
	ArchivePath     = publishers.NewsletterPath + archiveFolder
	ArchiveFeedPath = publishers.NewsletterPath + archiveJSON
)

// Files of the archive, below which each digest has a folder.
const (
	archiveFolder = "archive/"
	archiveIndex  = archiveFolder + "index.html"
	archiveJSON   = archiveFolder + "feed.json"
	archiveAtom   = archiveFolder + "feed.xml"
)

func archivePagePath(id string) string { return archiveFolder + id + "/index.html" }

// sentDigest is a digest that was sent, as lists show it.
type sentDigest struct {
	Sent
	Title    string // the subject, without the name of the list
	Day, ISO string // on which it was sent
	Page     bool   // it has a page of its own
}

// An archiveCache writes the digests that were sent into releases. It remembers
// which pages this process has written, so that they need not be made of the
// ledger each time: they are carried over from the current release. A process
// begins by making all of them, and so does a rebuild.
type archiveCache struct {
	pages map[string]bool // by digest
	feed  string          // what the feed was made of
}

// writeArchive writes the archive into a stage, and returns the digests that are in
// it, the newest first. A digest that is not finished is none of them.
func (n *Newsletter) writeArchive(ctx context.Context, stage *release.Stage, d draft, b ledgerState, fresh bool) ([]sentDigest, error) {
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

// listSentDigests lists the digests that were sent. One for those alone who want a digest
// a month has nothing in it that others have not.
func listSentDigests(d draft, h history) []sentDigest {
	w := phrasesIn(d.Language)
	var all []sentDigest
	for _, s := range slices.Backward(h.all) {
		if !s.Completed.IsZero() && !s.Monthly {
			all = append(all, sentDigest{Sent: s, Title: titleOf(d.ListName, s.Subject), Day: w.dayText(s.Created), ISO: s.Created.UTC().Format("2006-01-02")})
		}
	}
	return all
}

// putPage puts a digest's page into a stage; false says that there is none,
// since its content is gone.
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

// findContent reads the content of a digest that was sent; false where it is gone, or
// cannot be told in another form.
func (l ledger) findContent(ctx context.Context, s Sent) (content, bool, error) {
	c, err := l.readContent(ctx, s)
	if errors.Is(err, stream.ErrNoKey) {
		return c, false, nil
	}
	return c, err == nil && c.Draft.Dataset != "", err
}
