package website

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// A theme is a folder that overrides parts of the site:
//
//	templates/*.html   templates of the same names, or just blocks of them
//	assets/*           files of the same names, and others that templates name
//	labels/<tag>.json  words of the site, by their keys
//
// What it lacks is the site's own.
type theme struct{ dir string }

// maxThemeFile is how large a file of a theme may be.
const maxThemeFile = 4 << 20

// A ThemeError is a mistake in a theme, with the place where it is.
type ThemeError struct {
	File string // below the theme's folder, with a line where there is one
	Err  error
}

func (e *ThemeError) Error() string { return fmt.Sprintf("theme: %s: %v", e.File, e.Err) }

func (e *ThemeError) Unwrap() error { return e.Err }

// files reads those of one of the theme's folders, by name.
func (t theme) files(folder, pattern string) (map[string][]byte, error) {
	if t.dir == "" {
		return nil, nil
	}
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return nil, &ThemeError{t.dir, err}
	}
	defer root.Close()
	names, err := fs.Glob(root.FS(), path.Join(folder, pattern))
	if err != nil {
		return nil, &ThemeError{folder, err}
	}
	all := make(map[string][]byte)
	for _, name := range names {
		info, err := root.Stat(name)
		if err == nil && info.IsDir() {
			continue
		}
		if err == nil && info.Size() > maxThemeFile {
			err = fmt.Errorf("has %d MiB; a theme's file may have %d", info.Size()>>20, maxThemeFile>>20)
		}
		var data []byte
		if err == nil {
			data, err = root.ReadFile(name)
		}
		if err != nil {
			return nil, &ThemeError{name, err}
		}
		all[path.Base(name)] = data
	}
	return all, nil
}

// templates parses the theme's templates over the site's own. A template's
// name is the site's; a block that it defines replaces the block of that name.
func (t theme) templates(own *template.Template) (*template.Template, error) {
	files, err := t.files("templates", "*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if _, err := own.New(name).Parse(string(files[name])); err != nil {
			return nil, &ThemeError{"templates/" + name, place(err)}
		}
	}
	return own, nil
}

// place shortens what the template package says to line and problem.
func place(err error) error {
	said := strings.TrimPrefix(err.Error(), "template: ")
	if _, rest, ok := strings.Cut(said, ":"); ok {
		return errors.New("line " + rest)
	}
	return err
}

// labels puts the theme's words over the site's own, and adds languages that
// the site has no words in; what they lack is said in English.
func (t theme) labels(own labelSet) (labelSet, error) {
	files, err := t.files("labels", "*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		var words map[string]string
		if err := json.Unmarshal(files[name], &words); err != nil {
			return nil, &ThemeError{"labels/" + name, jsonPlace(files[name], err)}
		}
		for key := range words {
			if _, ok := own["en"].words[key]; !ok {
				return nil, &ThemeError{"labels/" + name, fmt.Errorf("there is no label %q", key)}
			}
		}
		tag := strings.TrimSuffix(name, ".json")
		all := maps.Clone(own.in(tag).words)
		maps.Copy(all, words)
		own[tag] = labels{tag, all}
	}
	return own, nil
}

// jsonPlace adds the line to what the JSON package says.
func jsonPlace(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(-1)
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	if at < 0 || at > int64(len(data)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+strings.Count(string(data[:at]), "\n"), err)
}

// assets puts the theme's files over, and beside, the site's own.
func (t theme) assets(own []asset) ([]asset, error) {
	files, err := t.files("assets", "*")
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		own = slices.DeleteFunc(own, func(a asset) bool { return a.source == name })
		own = append(own, newAsset(name, files[name]))
	}
	return own, nil
}

// newAsset names a file by its content.
func newAsset(source string, data []byte) asset {
	sum := sha256.Sum256(data)
	ext := path.Ext(source)
	stem := strings.TrimSuffix(source, ext)
	return asset{source, "assets/" + stem + "." + hex.EncodeToString(sum[:6]) + ext, data}
}
