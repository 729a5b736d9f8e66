package listmonk_test

import (
	"bytes"
	"html/template"
	"strings"
	"testing"
	text "text/template"
	"unicode/utf8"

	"pgregory.net/rapid"

	"netsync/publishers/newsletter/listmonk"
)

// naughty are texts with special meaning for templates, listmonk or HTML.
var naughty = []string{
	`{{ .Subscriber.Email }}`, `{{ UnsubscribeURL }}`, "{{ `x` }}", `{{`, `}}`, `{{{`, `{{- /* x */ -}}`, `{{ define "content" }}`, `{`, `}`,
	`https://example.org/"}}{{ .Campaign }}{{"@TrackLink`, `https://example.org@TrackLink`, `{{ TrackLink "https://example.org" }}`,
	`<!-- gone? -->`, `<script>`, `<a href="`, `<img data-embed src="x.png">`, `"`, `\`, "`", `\u007b`, "\x00", "\xff", "\u2028", "é", "\r\n", "MARK", " ",
}

const leave = "https://listmonk.example.org/subscription/1/2"

func funcs() map[string]any {
	return map[string]any{
		"Safe":           func(s string) template.HTML { return template.HTML(s) },
		"UnsubscribeURL": func() string { return leave },
	}
}

func TestWhateverIsQuotedIsSaidToTheByteAndNothingIsRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		said := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(naughty), rapid.String()), 0, 12).Draw(t, "said"), "")
		quoted := listmonk.Quote(said, "MARK", listmonk.UnsubscribeURL)
		if left := strings.NewReplacer("{{ Safe ", "", " }}", "", listmonk.UnsubscribeURL, "").Replace(quoted); strings.ContainsAny(left, "{}@<") {
			t.Fatalf("%q has something for listmonk in it", quoted)
		}
		parsed, err := template.New("content").Funcs(funcs()).Parse(quoted)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := parsed.Execute(&b, nil); err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(valid(said), "MARK", leave)
		if b.String() != want {
			t.Fatalf("%q is said as %q", want, b.String())
		}
		subject := listmonk.QuoteSubject(said)
		if !strings.Contains(subject, "{{") {
			if subject != said {
				t.Fatalf("subject %q became %q", said, subject)
			}
			return
		}
		line, err := text.New("content").Funcs(funcs()).Parse(subject)
		if err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if err := line.Execute(&b, nil); err != nil || b.String() != valid(said) {
			t.Fatalf("subject %q is said as %q: %v", said, b.String(), err)
		}
	})
}

// valid replaces invalid UTF-8, one run at a time.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
