package mailcatcher

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed templates
var files embed.FS

// The pages may do nothing but show themselves and frame a message's HTML.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// The HTML of a message may do less: it has an origin of its own, no scripts,
// no forms, no requests; its styles and the images that it carries show. Only
// our own page may frame it.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

// Nothing is even displayed of what is offered as a file.
const filePolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

// maxSource is how much of a message's source a page shows; the rest is in
// the file.
const maxSource = 256 << 10

// Handler shows the messages below a prefix, such as "/mail": the list, and a
// page for each message. Only GET and HEAD are answered.
func (c *Catcher) Handler(prefix string) http.Handler {
	p := &pages{
		catcher: c,
		prefix:  strings.TrimRight(prefix, "/"),
		html:    template.Must(template.ParseFS(files, "templates/*.html")),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+p.prefix+"/{$}", p.serveList)
	if p.prefix != "" {
		mux.Handle("GET "+p.prefix, http.RedirectHandler(p.prefix+"/", http.StatusPermanentRedirect))
	}
	mux.HandleFunc("GET "+p.prefix+"/style.css", p.serveStyle)
	mux.HandleFunc("GET "+p.prefix+"/{id}/{$}", p.redirectToTab)
	mux.HandleFunc("GET "+p.prefix+"/{id}/{view}", p.serveView)
	return withHeaders(mux)
}

type pages struct {
	catcher *Catcher
	prefix  string
	html    *template.Template
}

// withHeaders sets the headers of every answer, errors included; a page overrides its
// policy.
func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (p *pages) serveList(w http.ResponseWriter, _ *http.Request) {
	p.render(w, "list.html", listView{Prefix: p.prefix, Messages: newRows(p.catcher.Messages())})
}

func (p *pages) serveStyle(w http.ResponseWriter, r *http.Request) {
	css, err := files.ReadFile("templates/style.css")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	http.ServeContent(w, r, "style.css", time.Time{}, bytes.NewReader(css))
}

// redirectToTab redirects to the first tab that the message has.
func (p *pages) redirectToTab(w http.ResponseWriter, r *http.Request) {
	p.serveTab(w, r, "")
}

func (p *pages) serveView(w http.ResponseWriter, r *http.Request) {
	switch view := r.PathValue("view"); view {
	case "html", "text", "source":
		p.serveTab(w, r, view)
	case "body.html":
		p.serveBody(w, r)
	case "message.eml":
		p.serveFile(w, r)
	default:
		http.NotFound(w, r)
	}
}

// serveTab renders a message's page with one of its tabs.
func (p *pages) serveTab(w http.ResponseWriter, r *http.Request, tab string) {
	m, ok := p.catcher.store.findMessage(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	raw, err := p.catcher.Raw(m.ID)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	p.render(w, "message.html", newMessageView(p.prefix, m, raw, tab))
}

// serveBody serves the HTML of a message, for the frame on its page.
func (p *pages) serveBody(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", mailPolicy)
	content, err := p.catcher.Read(r.PathValue("id"))
	if err != nil || content.HTML == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(content.HTML))
}

// serveFile serves a message as a file.
func (p *pages) serveFile(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", filePolicy)
	m, ok := p.catcher.store.findMessage(r.PathValue("id"))
	raw, err := p.catcher.Raw(m.ID)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", `attachment; filename="`+m.ID+suffix+`"`)
	_, _ = w.Write(raw)
}

// render sends a page only when all of it could be made.
func (p *pages) render(w http.ResponseWriter, name string, view any) {
	var b bytes.Buffer
	if err := p.html.ExecuteTemplate(&b, name, view); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}
