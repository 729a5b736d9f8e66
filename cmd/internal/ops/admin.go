package ops

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"go.uber.org/zap"

	"netsync/publishers"
)

// Admin is the configuration of the operators' pages besides Config.
type Admin struct {
	Metrics *Metrics
	Drafts  string // the folder of the newsletter's drafts; "" if elsewhere
	// Token is the token required in requests; "" means none.
	Token string
	// Hosts are names and addresses of the server besides loopback.
	Hosts []string
	// Socket is set if the server listens on a Unix socket, which a browser
	// cannot be made to open.
	Socket bool
}

// NewAdmin returns the server for operators, without restrictions; Run starts
// it.
func NewAdmin(c Config, a Admin) *Server {
	return c.serve(a.checkRequest(c.adminRoutes(a)))
}

// adminRoutes returns the handler for operators.
func (c Config) adminRoutes(a Admin) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", serveAlive)
	mux.HandleFunc("GET /readyz", c.readyHandler(error.Error))
	mux.HandleFunc("GET /status.json", c.statusJSON)
	mux.HandleFunc("GET /status", c.statusPage)
	mux.HandleFunc("GET /favicon.ico", noIcon)
	mux.Handle("GET /{$}", http.RedirectHandler("/status", http.StatusSeeOther))
	mux.Handle("GET /metrics", a.Metrics.newHandler(c.Status))
	if a.Drafts != "" {
		drafts := newFolder(a.Drafts, draftRules)
		for _, name := range []string{"next.html", "next.txt", "next.json"} {
			mux.Handle(publishers.NewsletterPath+name, drafts.fileHandler(name))
		}
	}
	return mux
}

func (c Config) statusJSON(w http.ResponseWriter, r *http.Request) {
	c.writeJSON(w, c.Status(r.Context()))
}

// writeJSON answers with a current value.
func (c Config) writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		c.Log.Debug("status not sent", zap.Error(err))
	}
}

// checkRequest admits requests with the token. Without a token it admits those
// whose Host names this machine, which prevents DNS rebinding: the page of
// another site sends its own name.
func (a Admin) checkRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case a.Token != "" && !a.hasToken(r):
			w.Header().Add("WWW-Authenticate", `Bearer realm="netsync"`)
			w.Header().Add("WWW-Authenticate", `Basic realm="netsync: any name, and the token of http.admin_token as the password"`)
			http.Error(w, "send the header Authorization: Bearer, with the token of http.admin_token", http.StatusUnauthorized)
		case a.Token == "" && !a.Socket && !a.isOurs(r.Host):
			http.Error(w, "this server is not called that: use the address of http.admin_listen, or set http.admin_token", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hasToken reports whether a request has the token, as in RFC 6750 or as the
// password of a browser's form (RFC 7617). It compares in constant time.
func (a Admin) hasToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if _, password, ok := r.BasicAuth(); ok {
		scheme, token = "Bearer", password
	}
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(a.Token))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// isOurs reports whether a Host header names this server.
func (a Admin) isOurs(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if address, err := netip.ParseAddr(host); err == nil && address.IsLoopback() {
		return true
	}
	return host == "localhost" || slices.ContainsFunc(a.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}
