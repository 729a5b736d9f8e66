package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"netsync/publishers"
)

// A Config is what a Server shows.
type Config struct {
	Listener net.Listener
	Status   func(ctx context.Context) Status
	Metrics  *Metrics
	// Website, Feed and Newsletter are the folders that readers see; "" where
	// the channel is published elsewhere.
	Website, Feed, Newsletter string
	// Mounts are further handlers, by pattern.
	Mounts map[string]http.Handler
	Log    *zap.Logger
}

// A Server answers over HTTP.
type Server struct {
	config Config
	http   *http.Server
}

// Limits of a connection.
const (
	headerLimit   = 5 * time.Second
	idleLimit     = 2 * time.Minute
	shutdownLimit = 5 * time.Second
)

// New makes a server; Run starts it.
func New(c Config) *Server {
	s := &Server{config: c}
	s.http = &http.Server{
		Handler:           Headers(s.routes()),
		ReadHeaderTimeout: headerLimit,
		ReadTimeout:       time.Minute,
		IdleTimeout:       idleLimit,
		ErrorLog:          zap.NewStdLog(c.Log),
	}
	return s
}

// Run serves until ctx ends, then lets the requests that are under way finish.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.config.Listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve http://%s: %w", s.config.Listener.Addr(), err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLimit)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		s.http.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve http://%s: %w", s.config.Listener.Addr(), err)
	}
	return nil
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	// It is about this process alone: whoever restarts what is not alive must
	// not do so because something else is down.
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /status.json", s.statusJSON)
	mux.HandleFunc("GET /status", s.statusPage)
	// Browsers ask for it beside pages that name no icon, such as data files.
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=86400")
		w.WriteHeader(http.StatusNoContent)
	})
	mux.Handle("GET /metrics", s.config.Metrics.handler(s.config.Status))
	packer := newPacker()
	if s.config.Feed != "" {
		feed := newFolder(s.config.Feed, feedRules, packer)
		mux.Handle("/feed.json", feed.file("feed.json"))
		mux.Handle("/feed.xml", feed.file("feed.xml"))
		mux.Handle(publishers.FeedsPath, feed)
		mux.Handle(publishers.FeedList, feed)
	}
	if s.config.Newsletter != "" {
		mux.Handle(publishers.NewsletterPath, http.StripPrefix(strings.TrimSuffix(publishers.NewsletterPath, "/"), newFolder(s.config.Newsletter, newsletterRules, packer)))
	}
	if s.config.Website != "" {
		mux.Handle("/", newFolder(s.config.Website, websiteRules, packer))
	}
	for pattern, handler := range s.config.Mounts {
		mux.Handle(pattern, handler)
	}
	return mux
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	status := s.config.Status(r.Context())
	if err := status.Ready(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
	for _, c := range status.Channels {
		if c.Held != nil { // somebody wants it so: nothing to restart for
			fmt.Fprintf(w, "the %s is held at %s\n", c.Channel, c.Held.Changeset)
		}
	}
}

func (s *Server) statusJSON(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s.config.Status(r.Context())); err != nil {
		s.config.Log.Debug("status not sent", zap.Error(err))
	}
}

// Headers puts on every answer what keeps pages from loading anything from
// elsewhere, and scripts that stand in a page from running.
func Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'")
		next.ServeHTTP(w, r)
	})
}
