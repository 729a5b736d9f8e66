package website_test

import (
	"os"
	"strings"
	"testing"
)

// TestTheOverviewSaysWhatThePageSaid looks for each line of the university's
// current page, in its order.
func TestTheOverviewSaysWhatThePageSaid(t *testing.T) {
	seed, err := os.ReadFile("../../schema/sample/testdata/networks-and-associations.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsePages(t, publishStory(t, sampleStory(t), "")) {
		if d.name != "index.html" {
			continue
		}
		shown := visibleText(d.findElements("main")[0])
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
