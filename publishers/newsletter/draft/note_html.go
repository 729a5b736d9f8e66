package draft

import (
	"html/template"
	"strings"

	"golang.org/x/net/html"

	"netsync/publishers/markup"
)

// noteStyles are the styles of a note's elements in mail, where programs only
// support style attributes. START stands for left or right: few programs know
// start.
var noteStyles = map[string]string{
	"h2":         "margin:16px 0 6px;font-size:18px;line-height:1.3;",
	"h3":         "margin:14px 0 4px;font-size:16px;line-height:1.4;",
	"p":          "margin:0 0 12px;",
	"a":          "color:#0b4f9e;",
	"ul":         "margin:0 0 12px;padding:0;padding-START:20px;",
	"ol":         "margin:0 0 12px;padding:0;padding-START:24px;",
	"blockquote": "margin:0 0 12px;padding:0;padding-START:12px;border-START:3px solid #c3ccd8;",
	"pre":        "margin:0 0 12px;white-space:pre-wrap;font-size:14px;",
	"hr":         "margin:16px 0;border:0;border-top:1px solid #d8dee6;",
}

// noteClasses are the classes for other colours in dark mode.
var noteClasses = map[string]string{"a": "link", "blockquote": "rule", "hr": "rule"}

// NoteHTML returns a note as HTML. It is the only part of a digest that
// html/template does not escape: package markup allows only its own elements
// and absolute URLs.
func NoteHTML(text string) template.HTML {
	if text == "" {
		return ""
	}
	return template.HTML(strings.TrimSpace(markup.Note(text)))
}

// mailedNote returns noteHTML with styles, for lines that begin at a side.
func mailedNote(text, start string) template.HTML {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(string(NoteHTML(text))))
	for z.Next() != html.ErrorToken {
		raw := string(z.Raw()) // before Token overwrites it
		token := z.Token()
		if token.Type == html.TextToken {
			b.WriteString(datePattern.ReplaceAllString(raw, `<span style="white-space:nowrap;">$0</span>`))
			continue
		}
		style, ok := noteStyles[token.Data]
		if !ok || token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			b.WriteString(raw)
			continue
		}
		token.Attr = append(token.Attr, html.Attribute{Key: "style", Val: strings.ReplaceAll(style, "START", start)})
		if class, ok := noteClasses[token.Data]; ok {
			token.Attr = append(token.Attr, html.Attribute{Key: "class", Val: class})
		}
		b.WriteString(token.String())
	}
	return template.HTML(b.String())
}
