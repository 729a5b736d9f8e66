package broker_test

import (
	"os"
	"path/filepath"
	"testing"
)

// A process that was killed while it made a stream leaves a folder without
// messages. Nothing is lost, and the stream is made again.
func TestAStreamThatWasOnlyBegunIsNoDamage(t *testing.T) {
	cfg := config(t.TempDir())
	for _, left := range []string{"netsync-a/msgs", "netsync-b"} {
		if err := os.MkdirAll(filepath.Join(cfg.StoreDir, "jetstream", "NETSYNC", "streams", left), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b := start(t, cfg)
	s := fill(t, connect(t, b), "a", 2)
	if n := messages(t, s); n != 2 {
		t.Errorf("%d messages", n)
	}
}
