package website_test

import (
	"flag"
	"os"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// TestMain has properties tried less often than 100 times, as each try builds
// sites of hundreds of pages. -args -web.long tries them 100 times.
func TestMain(m *testing.M) {
	flag.Parse()
	if !*long {
		npmtest.SetProperties(3, 12)
	}
	os.Exit(m.Run())
}
