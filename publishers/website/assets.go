package website

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
)

//go:embed assets/*
var assetFiles embed.FS

// An asset is a file that pages refer to. Its name holds a hash of its
// content, so that it may be cached for ever.
type asset struct {
	source string // site.css
	name   string // assets/site.0123456789ab.css
	data   []byte
}

func readAssets() ([]asset, error) {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("embedded assets: %w", err)
	}
	var all []asset
	for _, entry := range entries {
		data, err := assetFiles.ReadFile("assets/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("embedded assets: %w", err)
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(entry.Name())
		stem := strings.TrimSuffix(entry.Name(), ext)
		all = append(all, asset{entry.Name(), "assets/" + stem + "." + hex.EncodeToString(sum[:6]) + ext, data})
	}
	return all, nil
}

// asset returns the address of an embedded asset.
func (p *press) asset(source string) string {
	for _, a := range p.assets {
		if a.source == source {
			return p.addresses.local("/" + a.name)
		}
	}
	return ""
}
