package feed_test

import (
	"os"
	"testing"

	"netsync/schema/npmtest"
)

func TestMain(m *testing.M) {
	npmtest.SetProperties(15, 100)
	os.Exit(m.Run())
}
