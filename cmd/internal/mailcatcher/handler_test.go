package mailcatcher

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// elements lists the tags of a page with what attributes they have.
func elements(t *testing.T, page string) []html.Token {
	t.Helper()
	var out []html.Token
	z := html.NewTokenizer(strings.NewReader(page))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			out = append(out, z.Token())
		}
	}
	return out
}

// harmless fails on a page that could run or fetch anything.
func harmless(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	for _, e := range elements(t, w.Body.String()) {
		switch e.Data {
		case "script", "style", "img", "form", "object", "embed", "base", "svg":
			t.Errorf("element %v", e)
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("attribute %v", a)
			}
			if a.Key == "src" && !strings.HasPrefix(a.Val, "/mail/") {
				t.Errorf("loads %q", a.Val)
			}
			if e.Data == "iframe" && a.Key == "sandbox" && a.Val != "" {
				t.Errorf("sandbox=%q", a.Val)
			}
		}
	}
	if p := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'") || strings.Contains(p, "script") {
		t.Errorf("policy %q", p)
	}
}

func TestListShowsTheNewestFirst(t *testing.T) {
	c, addr, _ := start(t, Config{})
	h := c.Handler("/mail")
	if w := get(t, h, "/mail/"); !strings.Contains(w.Body.String(), "No mail yet") {
		t.Fatalf("empty list: %s", w.Body)
	}
	for _, subject := range []string{"first", "second"} {
		send(t, addr, []string{"a@example.org"}, "To: Anna <a@example.org>", "Subject: "+subject, "", "x")
	}
	w := get(t, h, "/mail/")
	harmless(t, w)
	page := w.Body.String()
	if i, j := strings.Index(page, "second"), strings.Index(page, "first"); i < 0 || j < i {
		t.Fatalf("order: %d, %d", i, j)
	}
	if !strings.Contains(page, "Anna &lt;a@example.org&gt;") {
		t.Fatal("no recipient")
	}
	if w := get(t, h, "/mail"); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/mail/" {
		t.Fatalf("without the slash: %d", w.Code)
	}
	if w := get(t, h, "/mail/style.css"); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Fatalf("style: %d", w.Code)
	}
	if w := get(t, c.Handler(""), "/"); !strings.Contains(w.Body.String(), "second") {
		t.Fatal("nothing without a prefix")
	}
}

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

func TestHostileMessageStaysHarmless(t *testing.T) {
	c, addr, _ := start(t, Config{})
	h := c.Handler("/mail")
	send(t, addr, []string{"a@example.org"},
		"From: "+hostile,
		"To: "+hostile,
		"Subject: =?utf-8?q?a=0Ab=E2=80=AEc?= "+hostile,
		"Content-Type: multipart/mixed; boundary=b",
		"", "--b", "Content-Type: text/html", "",
		hostile+`<a href="javascript:alert(3)">x</a><a href="https://example.org/&quot;&gt;&lt;script&gt;">y</a><a href="https://u:p@example.org/">z</a>`,
		"--b", "Content-Type: text/plain", "", hostile+" </pre>",
		"--b", `Content-Type: image/png; name="../../<b>.png"`, "Content-Disposition: attachment", "", "x",
		"--b--")
	m := c.Messages()[0]
	if strings.ContainsAny(m.Subject, "\n\u202e") {
		t.Fatalf("subject %q", m.Subject)
	}
	at := "/mail/" + m.ID + "/"
	for _, path := range []string{"/mail/", at, at + "html", at + "text", at + "source"} {
		t.Run(path, func(t *testing.T) {
			w := get(t, h, path)
			harmless(t, w)
			if strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Body.String(), "<b>.png") {
				t.Fatal("unescaped")
			}
		})
	}
	w := get(t, h, at+"body.html")
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != http.StatusOK || policy != mailPolicy || !strings.HasSuffix(policy, "; sandbox") {
		t.Fatalf("body: %d with policy %q", w.Code, policy)
	}
	for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
		if get(t, h, "/mail/nothing/").Header().Get(header) == "" {
			t.Errorf("an error without %s", header)
		}
	}
	w = get(t, h, at+"message.eml")
	if !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || w.Header().Get("Content-Security-Policy") != filePolicy {
		t.Fatalf("file: %v", w.Header())
	}
}

func TestMessagePageOffersThePartsThatThereAre(t *testing.T) {
	c, addr, _ := start(t, Config{})
	h := c.Handler("/mail/")
	tests := []struct {
		name, contentType, body, want, missing string
	}{
		{"html", "text/html; charset=iso-8859-1", "<p>Gr\xfc\xdfe", "<iframe", ">Text</a>"},
		{"text", "text/plain; charset=windows-1252", "Gr\xfc\xdfe", "Grüße", "<iframe"},
		{"neither", "application/pdf", "xyz", "Subject: neither", "<iframe"},
		{"malformed", "multipart/mixed; boundary=", "xyz", ">xyz", "<iframe"},
		{"no boundary", "multipart/mixed", "xyz", "Subject: no boundary", "<iframe"},
		{"unknown charset", "text/plain; charset=x-none", "Gr\xfc", "Gr\uFFFD", "<iframe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			send(t, addr, []string{"a@example.org"}, "Subject: "+tt.name, "Content-Type: "+tt.contentType, "", tt.body)
			w := get(t, h, "/mail/"+c.Messages()[0].ID+"/")
			harmless(t, w)
			if page := w.Body.String(); !strings.Contains(page, tt.want) || strings.Contains(page, tt.missing) {
				t.Fatalf("page: %s", page)
			}
		})
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	c, addr, _ := start(t, Config{})
	send(t, addr, []string{"a@example.org"}, "Subject: x", "", "x")
	h := c.Handler("/mail")
	id := c.Messages()[0].ID
	for _, path := range []string{
		"/mail/20200101T000000.000000000Z/", "/mail/..%2f..%2fetc/source", "/mail/" + id + "/other", "/mail/" + id + "/body.html", "/",
	} {
		if w := get(t, h, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mail/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestManyAndDeepPartsEnd(t *testing.T) {
	var deep strings.Builder
	for range 2000 {
		deep.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n")
	}
	wide := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 100_000) + "--b--\r\n"
	for _, raw := range []string{deep.String(), wide, "", "\x00", strings.Repeat("a", 1<<20), "Subject: x"} {
		if got := parseContent([]byte(raw)); len(got.Attachments) > maxParts {
			t.Errorf("%d attachments", len(got.Attachments))
		}
	}
}

func FuzzParseContent(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href=https://e.org>\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, link := range parseContent(raw).Links {
			if !strings.HasPrefix(link, "http://") && !strings.HasPrefix(link, "https://") {
				t.Fatalf("link %q", link)
			}
		}
	})
}
