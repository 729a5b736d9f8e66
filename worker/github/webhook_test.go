package github_test

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/worker/github"
)

const push = `{"ref":"refs/heads/main","commits":[]}`

func sign(newHash func() hash.Hash, secret, body string) string {
	mac := hmac.New(newHash, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

func signature(secret, body string) string { return "sha256=" + sign(sha256.New, secret, body) }

// A delivery is a request as GitHub sends it, but for what a test says.
type delivery struct {
	method, event, id, contentType string
	signature, sha1                string
	body                           string
}

func (d delivery) to(hook http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(cmp.Or(d.method, http.MethodPost), "/hooks/github", strings.NewReader(d.body))
	set := func(header, value string) {
		if value != "" && value != "-" {
			r.Header.Set(header, value)
		}
	}
	set("Content-Type", cmp.Or(d.contentType, "application/json"))
	set("X-GitHub-Event", cmp.Or(d.event, "push"))
	set("X-GitHub-Delivery", cmp.Or(d.id, "72d3162e-cc78-11e3-81ab-4c9367dc0958"))
	set("X-Hub-Signature-256", cmp.Or(d.signature, signature("secret", d.body)))
	set("X-Hub-Signature", d.sha1)
	w := httptest.NewRecorder()
	hook.ServeHTTP(w, r)
	return w
}

func TestOnlyASignedPushToTheBranchWakesTheWorker(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		delivery
		want  int
		count github.Outcome
		wakes bool
	}{
		"push":              {delivery{body: push}, 202, github.Accepted, true},
		"other branch":      {delivery{body: `{"ref":"refs/heads/x"}`}, 202, github.Accepted, false},
		"a tag of its name": {delivery{body: `{"ref":"refs/tags/main"}`}, 202, github.Accepted, false},
		"ping":              {delivery{event: "ping", body: `{"zen":"x"}`}, 202, github.Accepted, false},
		"a type of 2040":    {delivery{event: "brain_wave", body: `{"ref":"refs/heads/main"}`}, 202, github.Accepted, false},
		"unsigned":          {delivery{body: push, signature: "-"}, 401, github.Unsigned, false},
		"wrong secret":      {delivery{body: push, signature: signature("other", push)}, 401, github.WrongSignature, false},
		"SHA-1 only":        {delivery{body: push, signature: "-", sha1: "sha1=" + sign(sha1.New, "secret", push)}, 401, github.SHA1Only, false},
		"SHA-1 posing":      {delivery{body: push, signature: "sha1=" + sign(sha1.New, "secret", push)}, 401, github.WrongSignature, false},
		"no hex":            {delivery{body: push, signature: "sha256=zz"}, 401, github.WrongSignature, false},
		"no digits":         {delivery{body: push, signature: "sha256="}, 401, github.WrongSignature, false},
		"truncated":         {delivery{body: push[:10], signature: signature("secret", push)}, 401, github.WrongSignature, false},
		"not JSON":          {delivery{body: "x"}, 400, github.Malformed, false},
		"no object":         {delivery{body: "[]"}, 400, github.Malformed, false},
		"another shape":     {delivery{body: `{"ref":1}`}, 400, github.Malformed, false},
		"a form":            {delivery{body: push, contentType: "application/x-www-form-urlencoded"}, 400, github.Malformed, false},
		"no delivery":       {delivery{body: push, id: "-"}, 400, github.Malformed, false},
		"no event":          {delivery{body: push, event: "-"}, 400, github.Malformed, false},
		"too large":         {delivery{body: strings.Repeat("x", 6<<20)}, 413, github.TooLarge, false},
		"by GET":            {delivery{method: http.MethodGet, body: push}, 405, github.WrongMethod, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			woken := 0
			hook, err := github.New(github.Config{Secret: "secret", Ref: "main", Wake: func() { woken++ }, Log: zap.NewNop()})
			if err != nil {
				t.Fatal(err)
			}
			if w := test.to(hook); w.Code != test.want {
				t.Errorf("status %d, want %d: %s", w.Code, test.want, w.Body)
			}
			if (woken == 1) != test.wakes || woken > 1 {
				t.Errorf("woken %d times", woken)
			}
			for outcome, n := range hook.Deliveries() {
				if (n == 1) != (outcome == test.count) || n > 1 {
					t.Errorf("%s was counted %d times", outcome, n)
				}
			}
		})
	}
}

func TestAReplayIsRefusedAndCounted(t *testing.T) {
	t.Parallel()
	woken, now := 0, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	hook, err := github.New(github.Config{Secret: "secret", Ref: "main", Wake: func() { woken++ }, Log: zap.NewNop(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{202, 409, 409} {
		now = now.Add(time.Duration(i) * 29 * time.Minute)
		if w := (delivery{body: push}).to(hook); w.Code != want {
			t.Errorf("delivery %d: status %d, want %d", i, w.Code, want)
		}
	}
	if w := (delivery{body: push, id: "another"}).to(hook); w.Code != 202 {
		t.Errorf("another delivery: status %d", w.Code)
	}
	if n := hook.Deliveries(); woken != 2 || n[github.Accepted] != 2 || n[github.Replayed] != 2 {
		t.Errorf("woken %d times, counted %v", woken, n)
	}
}

func TestAForgedDeliveryIsNotRemembered(t *testing.T) {
	t.Parallel()
	hook, err := github.New(github.Config{Secret: "secret", Ref: "main", Wake: func() {}, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	(delivery{body: push, signature: signature("other", push)}).to(hook)
	if w := (delivery{body: push}).to(hook); w.Code != 202 {
		t.Errorf("a forgery kept the delivery itself out: status %d", w.Code)
	}
}

func TestAnOpenedOrChangedPullRequestIsHandedOn(t *testing.T) {
	t.Parallel()
	const body = `{"action":"%s","number":7,"pull_request":{"head":{"sha":"abc"},"base":{"ref":"%s"}},"repository":{"full_name":"o/r"}}`
	for _, test := range []struct {
		action, base string
		handed       bool
	}{
		{"opened", "main", true},
		{"synchronize", "main", true},
		{"reopened", "main", true},
		{"closed", "main", false},
		{"labeled", "main", false},
		{"opened", "other", false},
	} {
		var handed []string
		hook, err := github.New(github.Config{
			Secret: "secret", Ref: "refs/heads/main", Wake: func() { t.Error("woken") }, Log: zap.NewNop(),
			PullRequest: func(repository string, number int, head string) {
				handed = append(handed, fmt.Sprintf("%s %d %s", repository, number, head))
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		w := (delivery{event: "pull_request", body: fmt.Sprintf(body, test.action, test.base)}).to(hook)
		if w.Code != 202 || (len(handed) == 1 && handed[0] == "o/r 7 abc") != test.handed {
			t.Errorf("%s to %s: status %d, handed on %q", test.action, test.base, w.Code, handed)
		}
	}
}

func TestAWebhookWithoutASecretIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := github.New(github.Config{Ref: "main", Wake: func() {}, Log: zap.NewNop()}); err == nil {
		t.Error("it was made")
	}
}
