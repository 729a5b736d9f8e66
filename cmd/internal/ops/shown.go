package ops

import (
	"encoding/base64"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"

	"netsync/publishers/release"
	"netsync/schema/shared"
)

// shown is the release that one request is answered from.
type shown struct {
	*folder
	view *release.View
	root *os.Root
}

// isFolder reports whether a name is a folder with a page.
func (s *shown) isFolder(name string) bool {
	page := path.Join(name, "index.html")
	if s.view.HasIndex() {
		_, ok := s.view.File(page)
		return ok
	}
	info, err := s.root.Stat(page)
	return err == nil && info.Mode().IsRegular()
}

// serve serves a file. Its ETag is the hash in the index; a file that differs from the
// index has none.
func (s *shown) serve(w http.ResponseWriter, r *http.Request, name string) {
	file, info, known, listed := s.findFile(name)
	if file == nil {
		s.notFound(w, r)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", shared.MediaType(name))
	w.Header().Set("Cache-Control", shared.CacheControl(name))
	if listed && matchesIndex(info, known) {
		w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(known.Sum[:])+`"`)
	}
	content := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, name, info.ModTime(), file)
	})
	if shared.Packs(name) {
		s.compressor.serve(w, r, content)
	} else {
		content(w, r)
	}
}

// findFile opens a file and returns its index entry; file is nil if there is none.
// The folder of a removed release is reused for a later one: if a file does not
// match the index, find looks in the current release, and in later ones while
// the reader is slow.
func (s *shown) findFile(name string) (file *os.File, info fs.FileInfo, known release.File, listed bool) {
	for look := 1; ; look++ {
		known, listed = s.view.File(name)
		if s.view.HasIndex() && !listed {
			return nil, nil, known, false
		}
		file, info, err := s.openFile(name)
		before := s.view
		if err == nil && (!listed || matchesIndex(info, known)) || look == mostLooks || !s.readCurrent() || look >= looks && s.view == before {
			return file, info, known, listed
		}
		if err == nil {
			file.Close()
		}
	}
}

// matchesIndex reports whether a file may have the content that the index lists.
func matchesIndex(info fs.FileInfo, known release.File) bool {
	return info.Size() == known.Size && info.ModTime().Equal(known.Modified)
}

// readCurrent switches to the current release.
func (s *shown) readCurrent() bool {
	next, err := s.open()
	if err != nil {
		return false
	}
	s.root.Close()
	*s = *next
	return true
}

// openFile opens a regular file. A release has no links.
func (s *shown) openFile(name string) (*os.File, fs.FileInfo, error) {
	info, err := s.root.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fs.ErrNotExist
	}
	file, err := s.root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if info, err = file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, nil, fs.ErrNotExist
	}
	return file, info, nil
}

// notFound serves the release's own 404 page.
func (s *shown) notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	page, err := s.root.ReadFile("404.html")
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", shared.MediaType("404.html"))
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write(page) // the reader may have gone
	}
}
