package website

import (
	"strings"

	"netsync/schema"
)

// An image is a logo as a page shows it.
type image struct {
	URL           string
	Alt           text
	Width, Height int // 0 if unknown
}

// imageFile returns the name of an image, a hash of its content, so it may be
// cached forever and is shared by records.
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

// imageView returns a logo, or nil if the record has none. An empty Alt is
// right, since the record's name is beside the logo.
func (p *pageContext) imageView(l *schema.Logo) *image {
	if l == nil || l.Digest == "" {
		return nil
	}
	return &image{p.urlFor("/" + imageFile(l)), p.localText(l.Alt), l.Width, l.Height}
}

// planImages adds the new images, and removes those that are no longer used.
func (b *build) planImages(all *plan, stale *staleSet) {
	for name, digest := range stale.images {
		if b.catalog.images[name] == 0 {
			all.removeFile(name)
			continue
		}
		all.add(name, func() ([]byte, error) { return b.readAsset(digest) })
	}
}

// markImages marks the images that a record shows or showed.
func (s *staleSet) markImages(c *catalog, before, after *card) {
	for _, card := range []*card{before, after} {
		if card != nil && card.logo != nil {
			s.images[imageFile(card.logo)] = card.logo.Digest
		}
	}
}
