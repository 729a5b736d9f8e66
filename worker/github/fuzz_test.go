package github_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/zap"

	"netsync/worker/github"
)

// FuzzWebhook: whatever a delivery says, only a signed push to the branch
// wakes the worker, and nothing crashes it.
func FuzzWebhook(f *testing.F) {
	for event, body := range map[string]string{
		"push": push, "ping": `{"zen":"x"}`, "check_run": `{"action":"rerequested","check_run":{"id":1}}`, "": "", "pull_request": `{"number":1e9,"pull_request":null}`,
		"installation": `{"installation":{"id":"1"}}`, "issue_comment": "[", "delete": `{"ref":"refs/heads/main"}`,
	} {
		f.Add(event, body, true)
		f.Add(event, body, false)
	}
	f.Fuzz(func(t *testing.T, event, body string, signed bool) {
		woken := 0
		hook, err := github.New(github.Config{Secret: "secret", Ref: "main", Wake: func() { woken++ }, Log: zap.NewNop()})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/hooks/github", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-GitHub-Event", event)
		r.Header.Set("X-GitHub-Delivery", "1")
		signature := strings.Repeat("0", 64)
		if signed {
			signature = sign(sha256.New, "secret", body)
		}
		r.Header.Set("X-Hub-Signature-256", "sha256="+signature)
		w := httptest.NewRecorder()
		hook.ServeHTTP(w, r)
		var told struct{ Ref string }
		_ = json.Unmarshal([]byte(body), &told) // what cannot be read names no branch
		switch may := signed && event == "push" && strings.EqualFold(told.Ref, "refs/heads/main"); {
		case woken > 1 || woken == 1 && !may:
			t.Errorf("%s %q wakes the worker %d times", event, body, woken)
		case !signed && w.Code != http.StatusUnauthorized, signed && w.Code != http.StatusAccepted && w.Code != http.StatusBadRequest:
			t.Errorf("%s %q is answered with %d", event, body, w.Code)
		}
	})
}
