// Package sample holds the dataset leiden-networks: what one university says
// about its networks and associations, as records.
package sample

import (
	"embed"
	"io/fs"
)

const root = "leiden-networks"

// The prefix all: keeps files whose names begin with a dot or an underscore.
//
//go:embed all:leiden-networks
var files embed.FS

// FS returns the dataset's files; dataset.yaml lies at the root.
func FS() fs.FS {
	sub, err := fs.Sub(files, root)
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}
