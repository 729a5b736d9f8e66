package ops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
)

// A Config configures a Server.
type Config struct {
	Listener net.Listener
	Status   func(ctx context.Context) Status
	// Website, Feed and Newsletter are the channels' folders; "" for a channel
	// published elsewhere.
	Website, Feed, Newsletter string
	// Mounts are further handlers, by pattern.
	Mounts map[string]http.Handler
	Log    *zap.Logger
	// Stall is how long a reader may take to accept the next part of an
	// answer; 0 means 30 s.
	Stall time.Duration
}

// A Server serves HTTP.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Limits of a connection.
const (
	headerLimit   = 5 * time.Second
	idleLimit     = 2 * time.Minute
	shutdownLimit = 5 * time.Second
	stallLimit    = 30 * time.Second
)

// New returns the public server; Run starts it.
func New(c Config) *Server { return c.serve(c.publicRoutes()) }

// serve returns a server of a handler.
func (c Config) serve(h http.Handler) *Server {
	stall := cmp.Or(c.Stall, stallLimit)
	return &Server{c.Listener, &http.Server{
		Handler:           withProgress(stall, withFewRanges(Headers(h))),
		ReadHeaderTimeout: headerLimit,
		ReadTimeout:       time.Minute,
		WriteTimeout:      stall, // for answers of net/http itself; withProgress extends it
		IdleTimeout:       idleLimit,
		ErrorLog:          zap.NewStdLog(c.Log),
	}}
}

// Run serves until ctx ends, then waits for the requests in progress.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve http://%s: %w", s.listener.Addr(), err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLimit)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		s.http.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve http://%s: %w", s.listener.Addr(), err)
	}
	return nil
}

// Headers sets headers on every answer that prevent pages from loading foreign
// content and from running inline scripts.
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
