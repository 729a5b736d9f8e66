// Package github connects netsync with GitHub: a [Webhook] receives deliveries, and a
// [Reporter] reports findings and changes of commits and pull requests.
//
// Both may miss something. A delivery is only a hint, after which the worker reads the
// repository. A report describes the present state, and is made again after a restart.
package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
	"go.uber.org/zap"
)

// A Config is the configuration of a Webhook.
type Config struct {
	Secret string // shared with GitHub; never empty
	Ref    string // the branch whose pushes wake the worker
	Wake   func()
	// PullRequest is called for a pull request to the branch that was opened or has a new
	// head. It may be nil, and must not block.
	PullRequest func(repository string, number int, head string)
	Log         *zap.Logger
	Now         func() time.Time // nil means time.Now
}

// Validate returns an error for a missing setting.
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
	seen   memory
	counts counts[Outcome]
}

// maxBody is the maximum size of a delivery. GitHub sends at most 25 MB; the schedule finds
// a push with a larger one.
const maxBody = 5 << 20

// New returns a webhook.
func New(c Config) (*Webhook, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Webhook{Config: c}, nil
}

// ServeHTTP accepts a delivery with a valid SHA-256 signature, of any type, once: a push to
// the branch wakes the worker, a pull request to it is passed to Config.PullRequest, and
// others are ignored. The answer has the status of the [Outcome]; a replay gets 409.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	outcome := h.receiveDelivery(w, r)
	h.counts.add(outcome)
	if outcome == WrongMethod {
		w.Header().Set("Allow", http.MethodPost)
	}
	if outcome != Accepted {
		http.Error(w, outcome.explainOutcome(), outcome.statusCode())
		return
	}
	w.WriteHeader(outcome.statusCode())
}

// Deliveries returns the number of deliveries by outcome, with all outcomes.
func (h *Webhook) Deliveries() map[Outcome]uint64 { return h.counts.countsOf(Outcomes()) }

// receiveDelivery checks a delivery and handles it. It does not read one without a
// signature, and only counts it.
func (h *Webhook) receiveDelivery(w http.ResponseWriter, r *http.Request) Outcome {
	if r.Method != http.MethodPost {
		return WrongMethod
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if errors.As(err, new(*http.MaxBytesError)) {
		return TooLarge
	}
	if err != nil {
		return BrokenOff
	}
	if outcome := checkSignature(h.Secret, body, r.Header); outcome != Accepted {
		return outcome
	}
	id, kind := github.DeliveryID(r), github.WebHookType(r)
	if id == "" || kind == "" || !isJSON(r, body) {
		return Malformed
	}
	// The id is not signed: a body that is replayed under another id is accepted again, and
	// the worker only reads the repository once more.
	if !h.seen.isFirst(id, h.Now()) {
		return Replayed
	}
	return h.handleDelivery(kind, id, body)
}

// isJSON reports whether the body is a JSON object, by its media type and its content.
func isJSON(r *http.Request, body []byte) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/json" && json.Valid(body) && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

// handleDelivery handles pushes and pull requests, of which it reads a few fields.
func (h *Webhook) handleDelivery(kind, id string, body []byte) Outcome {
	switch kind {
	case "push":
		return h.push(id, body)
	case "pull_request":
		return h.pullRequest(id, body)
	}
	return Accepted
}

func (h *Webhook) push(id string, body []byte) Outcome {
	var push struct {
		Ref string `json:"ref"`
	}
	if err := json.Unmarshal(body, &push); err != nil {
		return Malformed
	}
	if push.Ref == "refs/heads/"+h.branchName() {
		h.Log.Info("push", zap.String("delivery", id))
		h.Wake()
	}
	return Accepted
}

func (h *Webhook) pullRequest(id string, body []byte) Outcome {
	var e struct {
		Action      string `json:"action"`
		Number      int    `json:"number"`
		PullRequest struct {
			Head struct {
				SHA string `json:"sha"`
			} `json:"head"`
			Base struct {
				Ref string `json:"ref"`
			} `json:"base"`
		} `json:"pull_request"`
		Repository struct {
			FullName string `json:"full_name"`
		} `json:"repository"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return Malformed
	}
	isNews := e.Action == "opened" || e.Action == "synchronize" || e.Action == "reopened"
	if h.PullRequest != nil && isNews && e.Number > 0 && e.PullRequest.Base.Ref == h.branchName() {
		h.Log.Info("pull request", zap.String("delivery", id), zap.Int("number", e.Number), zap.String("head", e.PullRequest.Head.SHA))
		h.PullRequest(e.Repository.FullName, e.Number, e.PullRequest.Head.SHA)
	}
	return Accepted
}

// branchName returns the name of the ref in deliveries.
func (h *Webhook) branchName() string { return strings.TrimPrefix(h.Ref, "refs/heads/") }
