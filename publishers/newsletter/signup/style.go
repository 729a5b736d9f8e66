package signup

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

//go:embed assets/signup.css
var styleText string

const assetsPath = below + "assets/"

// A stylesheet has its hash in its name, so that browsers can cache it.
type stylesheet struct{ name, text string }

func readStyle() stylesheet {
	sum := sha256.Sum256([]byte(styleText))
	return stylesheet{"signup." + hex.EncodeToString(sum[:6]) + ".css", styleText}
}

// serveAsset serves the stylesheet.
func (d *Desk) serveAsset(w http.ResponseWriter, r *http.Request) {
	if strings.TrimPrefix(r.URL.Path, assetsPath) != d.style.name {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this can be read only", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	http.ServeContent(w, r, d.style.name, time.Time{}, strings.NewReader(d.style.text))
}
