package github_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/zap"

	"netsync/worker/github"
)

const push = `{"ref":"refs/heads/main","commits":[]}`

func sign(newHash func() hash.Hash, secret, body string) string {
	mac := hmac.New(newHash, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestOnlyASignedPushToTheBranchWakesTheWorker(t *testing.T) {
	t.Parallel()
	right := "sha256=" + sign(sha256.New, "secret", push)
	for name, test := range map[string]struct {
		method, event, delivery, signature, old, body string
		want                                          int
		wakes                                         bool
	}{
		"push":         {body: push, signature: right, want: 202, wakes: true},
		"other branch": {body: `{"ref":"refs/heads/x"}`, signature: "sha256=" + sign(sha256.New, "secret", `{"ref":"refs/heads/x"}`), want: 202},
		"ping":         {event: "ping", body: `{"zen":"x"}`, signature: "sha256=" + sign(sha256.New, "secret", `{"zen":"x"}`), want: 202},
		"unsigned":     {body: push, want: 401},
		"wrong secret": {body: push, signature: "sha256=" + sign(sha256.New, "other", push), want: 401},
		"SHA-1 only":   {body: push, old: "sha1=" + sign(sha1.New, "secret", push), want: 401},
		"SHA-1 posing": {body: push, signature: "sha1=" + sign(sha1.New, "secret", push), want: 401},
		"no hex":       {body: push, signature: "sha256=zz", want: 401},
		"truncated":    {body: push[:10], signature: right, want: 401},
		"not JSON":     {body: "x", signature: "sha256=" + sign(sha256.New, "secret", "x"), want: 400},
		"no delivery":  {body: push, signature: right, delivery: "-", want: 400},
		"too large":    {body: strings.Repeat("x", 6<<20), signature: right, want: 413},
		"by GET":       {method: http.MethodGet, body: push, signature: right, want: 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			woken := 0
			hook, err := github.New(github.Config{Secret: "secret", Ref: "main", Wake: func() { woken++ }, Log: zap.NewNop()})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second is a replay
				method, event := test.method, test.event
				if method == "" {
					method = http.MethodPost
				}
				if event == "" {
					event = "push"
				}
				r := httptest.NewRequest(method, "/hooks/github", strings.NewReader(test.body))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("X-GitHub-Event", event)
				if test.delivery == "" {
					r.Header.Set("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
				}
				if test.signature != "" {
					r.Header.Set("X-Hub-Signature-256", test.signature)
				}
				if test.old != "" {
					r.Header.Set("X-Hub-Signature", test.old)
				}
				w := httptest.NewRecorder()
				hook.ServeHTTP(w, r)
				if w.Code != test.want {
					t.Errorf("status %d, want %d: %s", w.Code, test.want, w.Body)
				}
			}
			if (woken == 1) != test.wakes || woken > 1 {
				t.Errorf("woken %d times", woken)
			}
		})
	}
}

func TestAWebhookWithoutASecretIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := github.New(github.Config{Ref: "main", Wake: func() {}, Log: zap.NewNop()}); err == nil {
		t.Error("it was made")
	}
}
