package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"netsync/cmd/internal/ops"
	"netsync/cmd/internal/process"
)

// TestTheFeedIsNeverAheadOfTheWebsite keeps the website from being published,
// long enough for a feed that did not wait for it.
func TestTheFeedIsNeverAheadOfTheWebsite(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks/eua.json", `"count":47`)
	d.wait("every channel to be current", func() bool { return d.holds("/readyz", "ready") })
	feed := d.get("/feed.json")

	stages := filepath.Join(d.dir, "data", "website", "stages")
	if err := os.RemoveAll(stages); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stages, nil, 0o644); err != nil { // in the way of the folder
		t.Fatal(err)
	}
	d.replace("networks/eua.yaml", "count: 47", "count: 48")
	d.commit("One more member")
	d.wait("the website to fail for two seconds", func() bool {
		var status ops.Status
		if err := json.Unmarshal([]byte(d.get("/status.json")), &status); err != nil {
			return false
		}
		for _, c := range status.Channels {
			if c.Channel == process.RoleWebsite && !c.Failing.IsZero() {
				return status.Time.Sub(c.Failing) >= 2*time.Second
			}
		}
		return false
	})
	if !d.holds("/data/networks/eua.json", `"count":47`) {
		t.Error("the website was published")
	}
	if d.get("/feed.json") != feed {
		t.Error("the feed is ahead of the website")
	}

	if err := os.Remove(stages); err != nil {
		t.Fatal(err)
	}
	d.waitFor("/data/networks/eua.json", `"count":48`)
	d.waitFor("/feed.json", "47 → 48")
	d.verify()
}
