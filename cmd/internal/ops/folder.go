package ops

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A folder serves a channel's folder: what its "current" link leads to. Each
// request resolves the link once, so that it is answered from one release.
type folder struct{ root string }

const currentLink = "current"

func (f folder) release() (*os.Root, error) {
	dir, err := filepath.EvalSymlinks(filepath.Join(f.root, currentLink))
	if err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// ServeHTTP serves a file by its path; for a folder, its index.html.
func (f folder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	root, err := f.release()
	if err != nil {
		unavailable(w, err)
		return
	}
	defer root.Close()
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if info, err := root.Stat(name + "/."); name != "" && err == nil && info.IsDir() && !strings.HasSuffix(r.URL.Path, "/") {
		http.Redirect(w, r, path.Base(name)+"/", http.StatusMovedPermanently)
		return
	}
	if name == "" || strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, "index.html")
	}
	serve(w, r, root, name)
}

func serve(w http.ResponseWriter, r *http.Request, root *os.Root, name string) {
	file, err := root.Open(name)
	if err == nil {
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			cache(w, name)
			http.ServeContent(w, r, name, info.ModTime(), file)
			return
		}
	}
	notFound(w, root)
}

// cache lets hashed assets be kept and everything else be asked for again.
func cache(w http.ResponseWriter, name string) {
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "data/") {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
}

func notFound(w http.ResponseWriter, root *os.Root) {
	page, err := fs.ReadFile(root.FS(), "404.html")
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(page) // the reader may have gone
}

func unavailable(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "nothing is published yet", http.StatusServiceUnavailable)
		return
	}
	http.Error(w, "the folder of this channel cannot be read", http.StatusInternalServerError)
}

// file serves one file with a media type.
func (f folder) file(name, mediaType string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		root, err := f.release()
		if err != nil {
			unavailable(w, err)
			return
		}
		defer root.Close()
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		serve(w, r, root, name)
	})
}
