package maintain

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeltasAreReadFromASite reads files of a site by its address.
func TestDeltasAreReadFromASite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "networks", "data", "changes"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "networks", "data", "changes", "1..2.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer site.Close()
	for _, address := range []string{site.URL + "/networks/data", site.URL + "/networks/data/"} {
		source, err := sourceOf(address)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := source(t.Context(), "changes/1..2.json"); err != nil || string(data) != "{}" {
			t.Errorf("%s: %q, %v", address, data, err)
		}
		var outside *outsideError
		if _, err := source(t.Context(), "changes/2..3.json"); !errors.As(err, &outside) || !strings.Contains(err.Error(), "2..3.json answers 404") {
			t.Errorf("%s: error %v", address, err)
		}
	}
}
