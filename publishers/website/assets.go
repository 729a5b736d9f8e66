package website

import (
	"embed"
	"fmt"
)

//go:embed assets/*
var assetFiles embed.FS

// An asset is a file that pages refer to. Its name contains a hash of its
// content, so it may be cached forever.
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
		if entry.Name() == embedFile {
			continue // its address may not change
		}
		data, err := assetFiles.ReadFile("assets/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("embedded assets: %w", err)
		}
		all = append(all, newAsset(entry.Name(), data))
	}
	return all, nil
}
