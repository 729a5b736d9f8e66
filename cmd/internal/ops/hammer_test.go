package ops

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/release"
)

// Readers see no missing or torn file while releases change, never an older one
// after a newer one, and no ETag of another body.
func TestReadersDuringManyFlips(t *testing.T) {
	t.Parallel()
	const flips, pages = 200, 6
	dir, err := release.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir.Keep = 1
	content := func(page, round int) string {
		if page%2 == 1 {
			round -= round % 5 // some change rarely
		}
		return long(fmt.Sprintf("round %d page %d", round, page))
	}
	files := make(map[string]string)
	for p := range pages {
		files[fmt.Sprintf("p%d/index.html", p)] = content(p, 0)
	}
	publishFolder(t, dir, "1", files)
	server := New(Config{Website: dir.Path(), Log: zap.NewNop()}).http.Handler

	done := make(chan struct{})
	var wg sync.WaitGroup
	var reads [4]int
	for reader := range reads {
		wg.Go(func() {
			last := make(map[int]int)
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				time.Sleep(time.Millisecond) // so that the readers leave the publisher some of the processor; nothing waits for it
				page := n % pages
				accept := []string{"identity", "gzip", "zstd"}[(n+reader)%3]
				r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/p%d/", page), nil)
				r.Header.Set("Accept-Encoding", accept)
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				body := unpack(t, w.Header().Get("Content-Encoding"), w.Body.String())
				var round, of int
				if _, err := fmt.Sscanf(body, "round %d page %d", &round, &of); err != nil || w.Code != 200 || of != page || body != content(page, round) {
					t.Errorf("page %d: %d, %.40q", page, w.Code, body)
					return
				}
				if round < last[page] {
					t.Errorf("page %d: round %d after %d", page, round, last[page])
				}
				last[page] = round
				reads[reader]++
				sum := sha256.Sum256([]byte(body))
				if tag := w.Header().Get("ETag"); !strings.HasPrefix(tag, `"`+base64.RawURLEncoding.EncodeToString(sum[:])) {
					t.Errorf("page %d: ETag %s does not fit the body", page, tag)
				}
			}
		})
	}
	for round := 1; round <= flips; round++ {
		s, err := dir.Amend("1")
		if round%10 == 0 {
			s.Discard()
			s, err = dir.Stage("1", false)
		}
		if err != nil {
			t.Fatal(err)
		}
		for p := range pages {
			if err := s.Write(fmt.Sprintf("p%d/index.html", p), []byte(content(p, round))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Flip(); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	wg.Wait()
	for reader, n := range reads {
		if n < pages {
			t.Errorf("reader %d read %d pages while %d releases came: too few to tell anything", reader, n, flips)
		}
	}
}

// TestASlowReaderStillGetsAnETag opens a release before its folder is reused
// for a later one, and reads the file after that.
func TestASlowReaderStillGetsAnETag(t *testing.T) {
	t.Parallel()
	dir, err := release.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir.Keep = 1
	publishFolder(t, dir, "1", map[string]string{"index.html": "round 0"})
	s, err := newFolder(dir.Path(), websiteRules).open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.root.Close() }()
	for round := 1; round <= 6; round++ {
		stage, err := dir.Amend("1")
		if err != nil {
			t.Fatal(err)
		}
		if err := stage.Write("index.html", fmt.Appendf(nil, "round %d", round)); err != nil {
			t.Fatal(err)
		}
		if _, err := stage.Flip(); err != nil {
			t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	s.serve(w, httptest.NewRequest(http.MethodGet, "/", nil), "index.html")
	sum := sha256.Sum256(w.Body.Bytes())
	if want := `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`; w.Code != 200 || w.Header().Get("ETag") != want {
		t.Errorf("%d, %q with ETag %s, want %s", w.Code, w.Body, w.Header().Get("ETag"), want)
	}
}
