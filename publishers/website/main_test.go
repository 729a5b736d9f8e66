package website_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain has properties tried less often than 100 times, unless somebody says
// how often: each try builds sites of hundreds of pages. -args -web.long tries
// them as often as they are elsewhere.
func TestMain(m *testing.M) {
	flag.Parse()
	const checks = "rapid.checks"
	said := *long
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == checks })
	if !said {
		if err := flag.Set(checks, "12"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
