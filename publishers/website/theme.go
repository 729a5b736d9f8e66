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
//	templates/*.html   templates of the same names, or only blocks of them
//	assets/*           files of the same names, and others that templates use
//	labels/<tag>.json  labels by their keys
//
// The site's own parts are used for the rest.
type theme struct {
	dir string
	// sources holds its templates by file name, after they were read.
	sources map[string]string
	// errors are the mistakes found so far.
	errors ThemeErrors
	// hash covers the files that were read.
	hash hash.Hash
}

func newTheme(dir string) *theme { return &theme{dir: dir, hash: sha256.New()} }

// maxThemeFile limits the size of a theme's file, in bytes.
const maxThemeFile = 4 << 20

// readFiles returns the files in one of the theme's folders, by name. It
// records an error for a file that it cannot read, and omits it.
func (t *theme) readFiles(folder, ext string) map[string][]byte {
	all := make(map[string][]byte)
	if t.dir == "" {
		return all
	}
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		t.errors.add(&ThemeError{File: ".", Err: fmt.Errorf("the folder cannot be read: %w", err), Remedy: "Name a folder that is there."})
		return all
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.errors.add(newReadError(folder, err))
	}
	for _, entry := range entries {
		name := path.Join(folder, entry.Name())
		if ext != "" && path.Ext(name) != ext || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		data, err := readThemeFile(root, name)
		if err != nil {
			t.errors.add(newReadError(name, err))
		} else if data != nil {
			all[entry.Name()] = data
			fmt.Fprintf(t.hash, "%s %x\n", name, sha256.Sum256(data))
		}
	}
	return all
}

// readThemeFile reads a file, and returns nil for a folder.
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

func newReadError(name string, err error) *ThemeError {
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

// overrideTemplates parses the theme's templates into the site's own. A
// template, or a block that it defines, replaces the one of the same name.
func (t *theme) overrideTemplates(own *template.Template) {
	t.sources = make(map[string]string)
	files := t.readFiles("templates", ".html")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t.sources[name] = string(files[name])
		if _, err := own.New(name).Parse(t.sources[name]); err != nil {
			mistake, ok := parseTemplateError(err)
			if !ok {
				mistake = &ThemeError{File: "templates/" + name, Err: err}
			}
			t.errors.add(mistake)
		}
	}
}

// overrideLabels replaces labels with those of the theme. A new language uses
// English for the labels that it lacks.
func (t *theme) overrideLabels(own words.Languages) {
	files := t.readFiles("labels", ".json")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		given, lines, err := parseLabels(files[name])
		if err != nil {
			t.errors.add(newJSONError("labels/"+name, files[name], err))
			continue
		}
		tag := strings.TrimSuffix(name, ".json")
		all := maps.Clone(own.In(tag).Words)
		for key, word := range given {
			if mistake := checkLabel(own["en"], key, word); mistake != nil {
				mistake.File, mistake.Line = "labels/"+name, lines[key]
				t.errors.add(mistake)
				continue
			}
			all[key] = word
		}
		own[tag] = words.Language{Tag: tag, Words: all}
	}
}

// overrideAssets returns the assets with those of the theme added or replaced.
func (t *theme) overrideAssets(own []asset) []asset {
	files := t.readFiles("assets", "")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		own = slices.DeleteFunc(own, func(a asset) bool { return a.source == name })
		own = append(own, newAsset(name, files[name]))
	}
	return own
}

// newAsset returns an asset named by a hash of its content.
func newAsset(source string, data []byte) asset {
	sum := sha256.Sum256(data)
	ext := path.Ext(source)
	stem := strings.TrimSuffix(source, ext)
	return asset{source, "assets/" + stem + "." + hex.EncodeToString(sum[:6]) + ext, data}
}

// ReplaceableFiles returns the site's own files that a theme can override, by
// the theme's folder.
func ReplaceableFiles() map[string]fs.FS {
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
