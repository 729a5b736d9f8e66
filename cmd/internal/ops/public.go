package ops

import (
	"fmt"
	"net/http"
	"strings"

	"netsync/publishers"
)

// publicRoutes returns the handler for everyone.
func (c Config) publicRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", serveAlive)
	mux.HandleFunc("GET /readyz", c.readyHandler(publicReason))
	mux.HandleFunc("GET /status.json", c.publicJSON)
	mux.HandleFunc("GET /status", c.publicPage)
	mux.HandleFunc("GET /favicon.ico", noIcon)
	if c.Feed != "" {
		feed := newFolder(c.Feed, feedRules)
		mux.Handle("/feed.json", feed.fileHandler("feed.json"))
		mux.Handle("/feed.xml", feed.fileHandler("feed.xml"))
		mux.Handle(publishers.FeedsPath, feed)
		mux.Handle(publishers.FeedList, feed)
	}
	if c.Newsletter != "" {
		mux.Handle(publishers.NewsletterPath, http.StripPrefix(strings.TrimSuffix(publishers.NewsletterPath, "/"), newFolder(c.Newsletter, newsletterRules)))
	}
	if c.Website != "" {
		mux.Handle("/", newFolder(c.Website, websiteRules))
	}
	for pattern, handler := range c.Mounts {
		mux.Handle(pattern, handler)
	}
	return mux
}

// serveAlive answers for this process only: a supervisor must not restart it
// because another service is down.
func serveAlive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// noIcon answers requests of browsers for the icon of pages that have none,
// such as data files.
func noIcon(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.WriteHeader(http.StatusNoContent)
}

// readyHandler answers whether the process can do its work. tell returns the
// part of a reason that the reader may see.
func (c Config) readyHandler(tell func(error) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := c.Status(r.Context())
		if err := status.Ready(); err != nil {
			http.Error(w, tell(err), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
		for _, c := range status.Channels {
			if c.Held != nil { // an operator did this: no reason to restart
				fmt.Fprintf(w, "the %s is held at %s\n", c.Channel, c.Held.Changeset)
			}
		}
	}
}

// publicReason removes the text after a colon, which may quote unpublished data
// or name a host.
func publicReason(err error) string {
	reason, _, _ := strings.Cut(err.Error(), ": ")
	return reason
}
