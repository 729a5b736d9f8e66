package website

import (
	"testing"

	"go.uber.org/zap"
)

// TestPagesOfRecordsTakeTheQuickWay checks that the templates of the most
// frequent pages are compiled.
func TestPagesOfRecordsTakeTheQuickWay(t *testing.T) {
	t.Parallel()
	site, err := New(Config{Dir: t.TempDir(), BaseURL: "https://www.example.org/", Feeds: true, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Publish(t.Context(), manyRecords(t, 60)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"record.html", "list.html", "vocabulary.html", "fragment.html"} {
		if site.renderer.fast.FallsBack(name) {
			t.Errorf("%s is left to html/template", name)
		}
	}
}
