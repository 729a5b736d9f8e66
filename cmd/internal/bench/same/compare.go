package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxReported is how many files that differ are described.
const maxReported = 20

// readResults reads the files of a folder, and of the folders that its symbolic
// links lead to, by name. The mails are one file, sorted.
func readResults(dir string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		root, err := filepath.EvalSymlinks(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			inside, err := filepath.Rel(root, path)
			files[filepath.ToSlash(filepath.Join(e.Name(), inside))] = data
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	joinMails(files)
	for name, data := range files {
		if named != nil {
			files[name] = named.ReplaceAll(data, nil)
		}
	}
	return files, nil
}

// receivedLine is what the mail server writes of the time.
var receivedLine = regexp.MustCompile(`(?m)^Received: by localhost[^\n]*\n`)

// joinMails makes one file of all mails, in the order of their content: the names
// that the mail server gives say when each came.
func joinMails(files map[string][]byte) {
	var all []string
	for name, data := range files {
		if strings.HasPrefix(name, "mails/") {
			all = append(all, string(receivedLine.ReplaceAll(data, nil)))
			delete(files, name)
		}
	}
	slices.Sort(all)
	files["mails"] = []byte(strings.Join(all, "\n"))
}

// compareFolders prints how the results of two programs differ.
func compareFolders(oldDir, newDir string) (differences, compared int, err error) {
	old, err := readResults(oldDir)
	if err != nil {
		return 0, 0, err
	}
	other, err := readResults(newDir)
	if err != nil {
		return 0, 0, err
	}
	all := maps.Clone(old)
	maps.Copy(all, other)
	for _, name := range sortedNames(all) {
		before, inOld := old[name]
		after, inNew := other[name]
		if inOld == inNew && bytes.Equal(before, after) {
			continue
		}
		if differences++; differences <= maxReported {
			fmt.Printf("  %s: %s\n", name, describeDifference(before, after, inOld, inNew))
		}
	}
	return differences, len(all), nil
}

// describeDifference shows where two files begin to differ.
func describeDifference(before, after []byte, inOld, inNew bool) string {
	switch {
	case !inNew:
		return "only the old program makes it"
	case !inOld:
		return "only the new program makes it"
	}
	at := 0
	for at < min(len(before), len(after)) && before[at] == after[at] {
		at++
	}
	return fmt.Sprintf("%d and %d bytes, from byte %d on:\n    old %q\n    new %q", len(before), len(after), at, excerptAround(before, at), excerptAround(after, at))
}

func excerptAround(data []byte, at int) []byte {
	return data[max(0, at-40):min(len(data), at+60)]
}
