package broker_test

import (
	"os"
	"path/filepath"
	"testing"

	"netsync/cmd/internal/broker"
)

// The info file is not synced: whatever a power cut leaves of it, and of the
// file that was to take its place, the next start does not mind.
func TestWhatAPowerCutLeavesOfTheInfoFileDoesNotMatter(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]string{
		"nothing": "", "zeros": "\x00\x00\x00\x00", "a part": `{"pid":1,"url":"na`, "another process's": `{"pid":1,"url":"nats://127.0.0.1:1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "broker.json")
			for _, path := range []string{file, filepath.Join(dir, ".broker.json-123")} {
				if err := os.WriteFile(path, []byte(left), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			b := start(t, config(dir))
			info, err := broker.ReadInfo(file)
			if err != nil || info.PID != os.Getpid() || info.URL != b.ClientURL() {
				t.Errorf("the file says %v, %v", info, err)
			}
		})
	}
}
