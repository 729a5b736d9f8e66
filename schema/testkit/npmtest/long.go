package npmtest

import (
	"flag"
	"strconv"
)

// long is what NETSYNC_TEST_REQUIRE calls the long forms of tests.
const long = "long"

// Rounds returns how often a test tries what it leaves to chance, or how much it
// has: full where NETSYNC_TEST_REQUIRE lists "long", as in .ci/run, and quick
// elsewhere.
func Rounds(quick, full int) int {
	if Required(long) {
		return full
	}
	return quick
}

// SetProperties has each property of a package tried Rounds(quick, full) times,
// unless -rapid.checks says how often. It is for TestMain.
func SetProperties(quick, full int) {
	const checks = "rapid.checks"
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == checks })
	if !given {
		if err := flag.Set(checks, strconv.Itoa(Rounds(quick, full))); err != nil {
			panic(err) // the package has no properties
		}
	}
}
