package validate_test

import (
	"strings"
	"testing"

	"netsync/schema"
	"netsync/worker/yaml"
)

// What follows from dates and images is not written by hand, and whoever does
// is told so rather than asked what was meant.
func TestWhatIsWorkedOutIsNotWritten(t *testing.T) {
	t.Parallel()
	text := network("a", "membership: {status: current}\nlogo: {path: assets/a.svg, digest: \"sha256:00\", widht: 3}")
	findings := findingsOf(yaml.Parse("networks/a.yaml", []byte(text)), schema.RecordID{Collection: schema.Networks, ID: "a"})
	for pointer, words := range map[string]string{
		"/membership/status": "membership.status is worked out by netsync", "/logo/digest": "logo.digest is worked out by netsync",
		"/logo/widht": `the key "widht" is not known here`,
	} {
		found := false
		for _, f := range findings {
			found = found || f.Pointer == pointer && f.Rule == "NS008" && strings.Contains(f.Message, words)
		}
		if !found {
			t.Errorf("%s is not told with %q: %+v", pointer, words, findings)
		}
	}
}
