package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Shown is what a channel's folder says that it shows.
type Shown struct {
	Changeset   string `json:"changeset"`
	Commit      string `json:"commit"`
	Sequence    uint64 `json:"sequence"`
	StateDigest string `json:"state_digest"`
}

// Channel reads what readers of a channel see at this moment; ok is false
// before its first release.
func Channel(dataDir, name string) (s Shown, ok bool, err error) {
	data, err := os.ReadFile(filepath.Join(dataDir, name, "current", "channel.json"))
	if os.IsNotExist(err) {
		return s, false, nil
	}
	if err != nil {
		return s, false, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, false, fmt.Errorf("channel.json of %s: %w", name, err)
	}
	return s, true, nil
}

// Website reports what is wrong with the website that readers see: its data
// files must be the whole of the changeset that it names. An empty text says
// that nothing is.
func Website(dataDir string) (string, error) {
	shown, ok, err := Channel(dataDir, "website")
	if err != nil || !ok {
		return "", err
	}
	root := filepath.Join(dataDir, "website", "current")
	digests := make(map[string]string)
	for _, collection := range []string{"networks", "organizations", "activities"} {
		files, err := os.ReadDir(filepath.Join(root, "data", collection))
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
		for _, f := range files {
			id, isRecord := strings.CutSuffix(f.Name(), ".json")
			if !isRecord {
				continue
			}
			data, err := os.ReadFile(filepath.Join(root, "data", collection, f.Name()))
			if err != nil {
				return "", err
			}
			sum := sha256.Sum256(data)
			digests[collection+"/"+id] = "sha256:" + hex.EncodeToString(sum[:])
		}
	}
	if got := stateDigest(digests); got != shown.StateDigest {
		return fmt.Sprintf("the website shows %s and its files give state %s, not %s", shown.Changeset, got, shown.StateDigest), nil
	}
	if _, err := os.Stat(filepath.Join(root, "index.html")); err != nil {
		return "the website has no overview", nil
	}
	return "", nil
}
