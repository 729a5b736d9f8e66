package website_test

import (
	"flag"
	"os"
	"testing"

	"netsync/schema/testkit/npmtest"
)

// TestMain checks properties fewer than 100 times, since each check builds
// sites of hundreds of pages. -args -web.long checks them 100 times.
func TestMain(m *testing.M) {
	flag.Parse()
	if !*longRun {
		npmtest.SetProperties(3, 12)
	}
	os.Exit(m.Run())
}
