package compiled

import (
	"bytes"
	"fmt"
	"html/template"
	"testing"

	"pgregory.net/rapid"
)

type word struct{ Body, Lang string }

// loud prints otherwise than its value.
type loud string

func (l loud) String() string { return string(l) + "!" }

type item struct {
	URL   string
	Text  word
	Note  *word
	Count int
	HTML  template.HTML
	Loud  loud
	Flag  bool
	Plain kind
}

type kind string

type page struct {
	Title word
	Items []item
	Body  any
	Data  any
	Next  *item
	Words map[string]string
}

func (p page) Heading() string        { return p.Title.Body + " – site" }
func (p *page) ByPointer() string     { return "pointer" }
func (p page) Fails() (string, error) { return "", fmt.Errorf("no") }

// sources are templates; html/template must execute some of them.
var sources = map[string]string{
	"text":      `{{define "text"}}{{if .Lang}}<span lang="{{.Lang}}">{{.Body}}</span>{{else}}{{.Body}}{{end}}{{end}}`,
	"fields":    `<title>{{.Heading}}</title><p title="{{.Title.Body}}">{{template "text" .Title}}</p>`,
	"items":     `<ul>{{range .Items}}<li class="{{.Plain}}"><a href="{{.URL}}">{{template "text" .Text}}</a>{{with .Note}} ({{template "text" .}} of {{$.Title.Body}}){{end}} {{.Count}}{{if .Count}} more{{end}} {{.HTML}} {{.Loud}}{{if .Flag}} yes{{end}}</li>{{else}}none{{end}}</ul>`,
	"variables": `{{range $n, $item := .Items}}<p title="{{$n}}">{{$item.Text.Body}}{{with $note := .Note}}{{$note.Body}}{{end}}</p>{{end}}`,
	"held":      `{{with .Body}}{{template "text" .Text}}{{.Count}}{{end}}{{with $.Body}}{{$.Body.Text.Body}}{{end}}`,
	"refresh":   `{{with .Next}}<meta http-equiv="refresh" content="0; url={{.URL}}">{{end}}`,
	"data":      `<script type="application/ld+json">{{.Data}}</script>`,
	"else":      `{{with .Next}}{{.URL}}{{else}}nothing{{end}}{{if .Next}}next{{else if .Items}}items{{end}}`,
	"functions": `{{len .Items}}{{index .Words "a"}}{{printf "%d" (len .Items)}}`,
	"maps":      `{{.Words.a}}{{.Words.b}}`,
	"nil":       `<p>before</p>{{.Next.URL}}`,
	"pointers":  `{{.ByPointer}}`,
	"errors":    `{{.Fails}}`,
	"derived":   `<p{{template "attribute" .}}>x</p>{{define "attribute"}} title="{{.Title.Body}}"{{end}}`,
	"script":    `<script>var x = {{.Title.Body}};</script><style>p { color: {{.Title.Body}} }</style>`,
	"unquoted":  `<p title={{.Title.Body}}>`,
	"unused":    `{{define "same"}}{{.}}{{end}}{{range .Items}}{{template "same" .Text.Body}}{{template "same" .Count}}{{end}}`,
}

func sets(t tb, name string) (fast *Templates, slow *template.Template) {
	parse := func() *template.Template {
		set, err := template.New("set").Parse(sources["text"])
		if err == nil {
			_, err = set.New(name).Parse(sources[name])
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return set
	}
	return New(parse()), parse()
}

type tb interface{ Fatalf(string, ...any) }

// TestTheSameBytes compares the output with html/template's.
func TestTheSameBytes(t *testing.T) {
	t.Parallel()
	for name := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fast, slow := sets(t, name)
			rapid.Check(t, func(t *rapid.T) {
				data := somePage(t)
				var got, want bytes.Buffer
				wantErr := slow.ExecuteTemplate(&want, name, data)
				gotErr := fast.Execute(&got, name, data)
				if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
					t.Fatalf("error %v, html/template's is %v", gotErr, wantErr)
				}
				if wantErr == nil && got.String() != want.String() {
					t.Fatalf("got  %q\nwant %q", &got, &want)
				}
			})
		})
	}
}

func somePage(t *rapid.T) page {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", "plain", "a & b", "<b>", "it's", "+", "\x00", "ünï", "\xff\xfe", "https://example.org/a?b=c&d=%20", "http:a", "https:http:x",
		"javascript:alert(1)", "s://x", "mailto:a@example.org", "../up/", "a:b", "/a:b", "#top", "a b", "\u2028", "HTTPS://EXAMPLE.ORG", "https://é", "[x]", "%zz", "a*b!c$d(e)",
	}))
	words := func() word { return word{text.Draw(t, "body"), text.Draw(t, "lang")} }
	items := func() item {
		i := item{
			URL: text.Draw(t, "url"), Text: words(), Count: rapid.IntRange(-1, 2).Draw(t, "count"), HTML: template.HTML(text.Draw(t, "html")),
			Loud: loud(text.Draw(t, "loud")), Flag: rapid.Bool().Draw(t, "flag"), Plain: kind(text.Draw(t, "plain")),
		}
		if rapid.Bool().Draw(t, "noted") {
			note := words()
			i.Note = &note
		}
		return i
	}
	p := page{Title: words(), Words: map[string]string{"a": text.Draw(t, "word")}}
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		p.Items = append(p.Items, items())
	}
	next := items()
	p.Body = rapid.SampledFrom([]any{nil, next, &next, word{"a", "b"}}).Draw(t, "held")
	p.Data = rapid.SampledFrom([]any{nil, "text", 7, map[string]any{"a": []string{"</script>", text.Draw(t, "value")}}, next, &next, p.Next}).Draw(t, "data")
	if rapid.Bool().Draw(t, "next") {
		p.Next = &next
	}
	return p
}

// TestWhatIsCompiled checks which templates are compiled.
func TestWhatIsCompiled(t *testing.T) {
	t.Parallel()
	left := map[string]bool{"functions": true, "maps": true, "pointers": true, "errors": true, "derived": true, "script": true, "unquoted": true, "nil": true}
	note := word{"note", "en"}
	one := item{URL: "/", Text: word{"a", ""}, Note: &note, Count: 1}
	data := page{Title: word{"a", "en"}, Items: []item{one}, Body: one, Data: map[string]any{"a": 1}, Words: map[string]string{"a": "b"}}
	for name := range sources {
		if name == "text" {
			continue // called by the others
		}
		fast, _ := sets(t, name)
		for range 2 {
			_ = fast.Execute(&bytes.Buffer{}, name, data)
		}
		if got := fast.FallsBack(name); got != left[name] {
			t.Errorf("%s: left to html/template: %t", name, got)
		}
	}
}

// TestATemplateWithoutEnd expects html/template's error.
func TestATemplateWithoutEnd(t *testing.T) {
	t.Parallel()
	fast := New(template.Must(template.New("a").Parse(`{{if .}}{{template "a" .}}{{end}}`)))
	for range 2 {
		if err := fast.Execute(&bytes.Buffer{}, "a", true); err == nil {
			t.Fatal("it ended")
		}
	}
}

// FuzzPlain compares strings that are taken for plain with html/template's
// output.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "a", "<", "https://example.org/?a=b&c", "javascript:x", "https:", "a:b", "'", "\x00", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for c, p := range escapeContexts {
			if !p.isUnchanged(s) {
				continue
			}
			var b bytes.Buffer
			if err := template.Must(template.New("").Parse(p.before+"{{.}}"+p.after)).Execute(&b, s); err != nil {
				t.Fatal(err)
			}
			if want := p.before + s + p.after; b.String() != want {
				t.Errorf("%s: %q is shown as %q", c, s, &b)
			}
		}
	})
}
