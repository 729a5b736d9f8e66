package schema

import "bytes"

// MaxImage is the maximum size of an image, in bytes.
const MaxImage = 1 << 20

// An Image describes an image that records show, without its path and
// alternative text.
type Image struct {
	Digest    Digest // of its bytes
	MediaType string // "image/png"
	Size      int64  // bytes
	// Width and Height are in pixels; both are 0 if the image does not specify
	// them.
	Width, Height int
}

// deriveLogo adds the properties of its image to a logo in published form. It
// removes them if there is no valid image; such a record is not published.
func deriveLogo(logo map[string]any, image func(path string) *Image) {
	path, _ := logo["path"].(string)
	for _, key := range []string{"digest", "media_type", "size", "width", "height"} {
		delete(logo, key)
	}
	i := image(path)
	if i == nil {
		return
	}
	logo["digest"], logo["media_type"], logo["size"] = string(i.Digest), i.MediaType, i.Size
	if i.Width > 0 && i.Height > 0 {
		logo["width"], logo["height"] = i.Width, i.Height
	}
}

// LogoOf returns the logo of a record in published form; ok is false if it has
// none.
func LogoOf(r Record) (logo Logo, ok bool, err error) {
	// Most records have none, so this case must be cheap.
	if !bytes.Contains(r.JSON, []byte(`"logo":{`)) {
		return Logo{}, false, nil
	}
	var shown struct {
		Logo *Logo `json:"logo"`
	}
	if err := decodeInto(r, &shown); err != nil || shown.Logo == nil {
		return Logo{}, false, err
	}
	return *shown.Logo, true, nil
}
