package website

import (
	"strings"

	"netsync/schema"
)

// An image is a logo as a page shows it.
type image struct {
	URL           string
	Alt           text
	Width, Height int // 0 where they are not known
}

// imageFile names an image by its content, so that it may be cached for ever
// and records that show the same share it.
func imageFile(l *schema.Logo) string {
	return "assets/" + strings.TrimPrefix(string(l.Digest), "sha256:")[:24] + imageExt(l.MediaType)
}

func imageExt(mediaType string) string {
	switch mediaType {
	case "image/svg+xml":
		return ".svg"
	case "image/png":
		return ".png"
	case "image/webp":
		return ".webp"
	}
	return ".jpg"
}

// image shows a logo; nil where a record has none. One without words of its
// own stands for the record's name, which is beside it.
func (s *sheet) image(l *schema.Logo) *image {
	if l == nil || l.Digest == "" {
		return nil
	}
	return &image{s.to("/" + imageFile(l)), s.text(l.Alt), l.Width, l.Height}
}

// planImages adds the images that records show, and drops those that none
// does any more.
func (i *issue) planImages(all *plan, due *due) {
	for name, digest := range due.images {
		if i.catalog.images[name] == 0 {
			all.drop(name)
			continue
		}
		all.add(name, func() ([]byte, error) { return i.asset(digest) })
	}
}

// pictured notes the images that a record began or ceased to show.
func (d *due) pictured(c *catalog, before, after *card) {
	for _, card := range []*card{before, after} {
		if card != nil && card.logo != nil {
			d.images[imageFile(card.logo)] = card.logo.Digest
		}
	}
}
