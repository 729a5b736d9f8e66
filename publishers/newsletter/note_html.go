package newsletter

import (
	"html/template"
	"strings"

	"golang.org/x/net/html"

	"netsync/publishers/markup"
)

// noteStyles are those of a note's elements in a mail, where programs heed
// nothing but what stands at an element.
var noteStyles = map[string]string{
	"h2":         "margin:16px 0 6px;font-size:18px;line-height:1.3;",
	"h3":         "margin:14px 0 4px;font-size:16px;line-height:1.4;",
	"p":          "margin:0 0 12px;",
	"a":          "color:#0b4f9e;text-decoration:underline;",
	"ul":         "margin:0 0 12px;padding-inline-start:20px;",
	"ol":         "margin:0 0 12px;padding-inline-start:24px;",
	"li":         "margin:0 0 4px;",
	"blockquote": "margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #c3ccd8;",
	"pre":        "margin:0 0 12px;white-space:pre-wrap;font-size:14px;",
	"hr":         "margin:16px 0;border:0;border-top:1px solid #d8dee6;",
}

// noteHTML is a note in a page. It is the one thing in a digest that
// html/template does not escape: markup lets nothing through but its own
// elements and absolute addresses.
func noteHTML(text string) template.HTML {
	if text == "" {
		return ""
	}
	return template.HTML(strings.TrimSpace(markup.Note(text)))
}

// mailedNote is noteHTML with the styles at the elements.
func mailedNote(text string) template.HTML {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(string(noteHTML(text))))
	for z.Next() != html.ErrorToken {
		raw := string(z.Raw()) // Token takes it apart
		token := z.Token()
		style, ok := noteStyles[token.Data]
		if !ok || token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			b.WriteString(raw)
			continue
		}
		if token.Data == "blockquote" || token.Data == "hr" {
			token.Attr = append(token.Attr, html.Attribute{Key: "class", Val: "rule"})
		}
		token.Attr = append(token.Attr, html.Attribute{Key: "style", Val: style})
		b.WriteString(token.String())
	}
	return template.HTML(b.String())
}
