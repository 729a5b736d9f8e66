// Package github is where GitHub tells that something was pushed. A push is a
// hint and no more: the worker asks its own repository what is there.
package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"
	"go.uber.org/zap"
)

// A Config is what a Webhook works with.
type Config struct {
	Secret string // shared with GitHub; never empty
	Ref    string // the branch whose pushes wake the worker
	Wake   func()
	Log    *zap.Logger
	Now    func() time.Time // nil means time.Now
}

// Validate refuses a webhook that anybody could call.
func (c Config) Validate() error {
	if c.Secret == "" {
		return errors.New("github: a webhook needs a secret; set github.webhook_secret")
	}
	if c.Wake == nil || c.Log == nil {
		return errors.New("github: a webhook needs something to wake and a log")
	}
	return nil
}

// A Webhook answers GitHub's deliveries.
type Webhook struct {
	Config

	mu   sync.Mutex
	seen map[string]time.Time // deliveries, by their id
}

// Limits. GitHub sends at most 25 MB; a push that needs more than this to say
// that it happened is found by the schedule.
const (
	maxBody    = 5 << 20
	remembered = 10_000
	memory     = time.Hour
)

// New makes a webhook.
func New(c Config) (*Webhook, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Webhook{Config: c, seen: make(map[string]time.Time)}, nil
}

// ServeHTTP accepts a delivery with a right SHA-256 signature. A push to the
// branch wakes the worker, once for each delivery.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "deliveries come by POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the delivery is too large or broke off", http.StatusRequestEntityTooLarge)
		return
	}
	if !h.signed(body, r.Header.Get(github.SHA256SignatureHeader)) {
		http.Error(w, "the signature is missing or wrong", http.StatusUnauthorized)
		return
	}
	id := github.DeliveryID(r)
	event, err := github.ParseWebHook(github.WebHookType(r), body)
	if err != nil || id == "" {
		http.Error(w, "this is no delivery that is known here", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	if push, ok := event.(*github.PushEvent); ok && push.GetRef() == "refs/heads/"+h.Ref && h.isNew(id) {
		h.Log.Info("push", zap.String("delivery", id))
		h.Wake()
	}
}

// signed checks X-Hub-Signature-256 in constant time. The older SHA-1
// signature is not looked at.
func (h *Webhook) signed(body []byte, header string) bool {
	sum, ok := strings.CutPrefix(header, "sha256=")
	if !ok {
		return false
	}
	got, err := hex.DecodeString(sum)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(h.Secret))
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

// isNew remembers a delivery and reports whether it came for the first time.
func (h *Webhook) isNew(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.Now()
	if _, replayed := h.seen[id]; replayed {
		return false
	}
	for old, at := range h.seen {
		if now.Sub(at) > memory || len(h.seen) >= remembered {
			delete(h.seen, old)
		}
	}
	h.seen[id] = now
	return true
}
