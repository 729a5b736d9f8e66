package mailcatcher

import (
	"fmt"
	"strings"
	"time"
)

type listView struct {
	Prefix   string
	Messages []row
}

// row is a message in words.
type row struct {
	Message
	Subject string
	When    string
	Machine string // the same for machines (RFC 3339)
	Size    string
}

func newRows(messages []Message) []row {
	out := make([]row, len(messages))
	for i, m := range messages {
		out[i] = newRow(m)
	}
	return out
}

func newRow(m Message) row {
	r := row{
		Message: m,
		Subject: m.Subject,
		When:    m.Received.Local().Format("2 Jan 2006, 15:04:05"),
		Machine: m.Received.Format(time.RFC3339),
		Size:    bytesInWords(m.Size),
	}
	if r.Subject == "" {
		r.Subject = "(no subject)"
	}
	return r
}

type messageView struct {
	Prefix      string
	Message     row
	Recipients  string
	Tab         string // html, text or source
	HasHTML     bool
	HasText     bool
	Text        string
	Source      string
	Cut         bool // the source goes on in the file
	Links       []string
	Attachments []attachmentView
}

type attachmentView struct {
	Name, Type, Size string
}

// newMessageView prefers HTML to text to source where no tab is asked for, or
// one that the message does not have.
func newMessageView(prefix string, m Message, raw []byte, tab string) messageView {
	content := parseContent(raw)
	v := messageView{
		Prefix:     prefix,
		Message:    newRow(m),
		Recipients: strings.Join(m.Recipients, ", "),
		HasHTML:    content.HTML != "",
		HasText:    content.Text != "",
		Links:      content.Links,
	}
	for _, a := range content.Attachments {
		if a.Name == "" {
			a.Name = "(no name)"
		}
		v.Attachments = append(v.Attachments, attachmentView{a.Name, a.Type, bytesInWords(a.Size)})
	}
	switch {
	case tab == "source" || !v.HasHTML && !v.HasText:
		v.Tab = "source"
		v.Cut = len(raw) > maxSource
		v.Source = strings.ToValidUTF8(string(raw[:min(len(raw), maxSource)]), "\uFFFD")
	case tab == "text" && v.HasText || !v.HasHTML:
		v.Tab, v.Text = "text", content.Text
	default:
		v.Tab = "html"
	}
	return v
}

func bytesInWords(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d bytes", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
