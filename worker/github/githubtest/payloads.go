// Package githubtest has what tests of GitHub's side need: its real payloads, a
// stand-in that keeps comments and statuses, and its own description of its API
// as a server.
package githubtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// A Payload is the body of a delivery that GitHub once sent.
type Payload struct {
	Name  string // "push/3"
	Event string // X-GitHub-Event
	Body  []byte
}

// Payloads returns the payloads that GitHub's own libraries are tested with:
// the npm package @octokit/webhooks-examples, needed for webhooks.
func Payloads(t testing.TB) []Payload {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(npmtest.Folder(t, "@octokit/webhooks-examples", "webhooks"), "api.github.com", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var events []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(data, &events); err != nil {
		t.Fatal(err)
	}
	var all []Payload
	for _, e := range events {
		for i, body := range e.Examples {
			all = append(all, Payload{fmt.Sprintf("%s/%d", e.Name, i+1), e.Name, body})
		}
	}
	return all
}
