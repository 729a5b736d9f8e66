package website

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"netsync/schema/words"
)

// A theme is a folder that overrides parts of the site:
//
//	templates/*.html   templates of the same names, or just blocks of them
//	assets/*           files of the same names, and others that templates name
//	labels/<tag>.json  words of the site, by their keys
//
// What it lacks is the site's own.
type theme struct {
	dir string
	// sources are its templates, by file name; known when they were read.
	sources map[string]string
	// found are the mistakes in it.
	found ThemeErrors
	// sum is a hash of all that was read.
	sum hash.Hash
}

func newTheme(dir string) *theme { return &theme{dir: dir, sum: sha256.New()} }

// maxThemeFile is how large a file of a theme may be.
const maxThemeFile = 4 << 20

// files reads those of one of the theme's folders, by name. What cannot be
// read is a mistake, and left out.
func (t *theme) files(folder, ext string) map[string][]byte {
	all := make(map[string][]byte)
	if t.dir == "" {
		return all
	}
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		t.found.add(&ThemeError{File: ".", Err: fmt.Errorf("the folder cannot be read: %w", err), Remedy: "Name a folder that is there."})
		return all
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.found.add(unreadable(folder, err))
	}
	for _, entry := range entries {
		name := path.Join(folder, entry.Name())
		if ext != "" && path.Ext(name) != ext || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		data, err := readThemeFile(root, name)
		if err != nil {
			t.found.add(unreadable(name, err))
		} else if data != nil {
			all[entry.Name()] = data
			fmt.Fprintf(t.sum, "%s %x\n", name, sha256.Sum256(data))
		}
	}
	return all
}

// readThemeFile returns nil for a folder.
func readThemeFile(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil || info.IsDir() {
		return nil, err
	}
	if info.Size() > maxThemeFile {
		return nil, fmt.Errorf("has %.1f MiB; a theme's file may have %d", float64(info.Size())/(1<<20), maxThemeFile>>20)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	data, err := root.ReadFile(name)
	if data == nil {
		data = []byte{}
	}
	return data, err
}

func unreadable(name string, err error) *ThemeError {
	mistake := &ThemeError{File: name, Err: err, Remedy: "Make it smaller."}
	var at *fs.PathError
	if errors.As(err, &at) {
		mistake.Err, mistake.Remedy = fmt.Errorf("cannot be read: %w", at.Err), "Put a regular file in its place."
		if strings.Contains(at.Err.Error(), "escapes") {
			mistake.Err = errors.New("is a link that leads out of the theme's folder")
		}
	}
	return mistake
}

// templates parses the theme's templates over the site's own. A template's
// name is the site's; a block that it defines replaces the block of that name.
func (t *theme) templates(own *template.Template) {
	t.sources = make(map[string]string)
	files := t.files("templates", ".html")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t.sources[name] = string(files[name])
		if _, err := own.New(name).Parse(t.sources[name]); err != nil {
			mistake, ok := templateError(err)
			if !ok {
				mistake = &ThemeError{File: "templates/" + name, Err: err}
			}
			t.found.add(mistake)
		}
	}
}

// labels puts the theme's words over the site's own, and adds languages that
// the site has no words in; what they lack is said in English.
func (t *theme) labels(own words.Languages) {
	files := t.files("labels", ".json")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		given, lines, err := readWords(files[name])
		if err != nil {
			t.found.add(jsonError("labels/"+name, files[name], err))
			continue
		}
		tag := strings.TrimSuffix(name, ".json")
		all := maps.Clone(own.In(tag).Words)
		for key, word := range given {
			if mistake := labelMistake(own["en"], key, word); mistake != nil {
				mistake.File, mistake.Line = "labels/"+name, lines[key]
				t.found.add(mistake)
				continue
			}
			all[key] = word
		}
		own[tag] = words.Language{Tag: tag, Words: all}
	}
}

// assets puts the theme's files over, and beside, the site's own.
func (t *theme) assets(own []asset) []asset {
	files := t.files("assets", "")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		own = slices.DeleteFunc(own, func(a asset) bool { return a.source == name })
		own = append(own, newAsset(name, files[name]))
	}
	return own
}

// newAsset names a file by its content.
func newAsset(source string, data []byte) asset {
	sum := sha256.Sum256(data)
	ext := path.Ext(source)
	stem := strings.TrimSuffix(source, ext)
	return asset{source, "assets/" + stem + "." + hex.EncodeToString(sum[:6]) + ext, data}
}

// Parts are the site's own files that a theme can stand in for, by the folder
// of a theme that does.
func Parts() map[string]fs.FS {
	parts := make(map[string]fs.FS)
	parts["labels"] = words.Files()
	for folder, files := range map[string]fs.FS{"templates": templateFiles, "assets": assetFiles} {
		part, err := fs.Sub(files, folder)
		if err != nil {
			panic(err) // it is embedded
		}
		parts[folder] = part
	}
	return parts
}
