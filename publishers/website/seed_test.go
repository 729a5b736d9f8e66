package website_test

import (
	"os"
	"strings"
	"testing"
)

// TestTheOverviewSaysWhatThePageSaid looks for every line of the page that
// the sample's university keeps today, in its order.
func TestTheOverviewSaysWhatThePageSaid(t *testing.T) {
	seed, err := os.ReadFile("../../schema/sample/testdata/networks-and-associations.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range pages(t, build(t, sampleStory(t), "")) {
		if d.name != "index.html" {
			continue
		}
		shown := words(d.elements("main")[0])
		for line := range strings.Lines(string(seed)) {
			line = strings.Join(strings.Fields(line), " ")
			at := strings.Index(shown, line)
			if at < 0 {
				t.Errorf("the overview lacks, at its place: %s", line)
				continue
			}
			shown = shown[at+len(line):]
		}
	}
}
