package feed_test

import (
	"os"
	"testing"

	"netsync/schema/testkit/npmtest"
)

func TestMain(m *testing.M) {
	npmtest.SetProperties(15, 100)
	os.Exit(m.Run())
}
