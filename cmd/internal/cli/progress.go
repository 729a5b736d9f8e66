package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"netsync/schema/event"
)

// A Progress is a line that shows how far a replay or a digest is. It is drawn with
// plain characters only, so that there is no colour to leave out.
type Progress struct {
	w          io.Writer // nil where nobody looks
	from, last event.Seq
	unit       string
	next       time.Time
	drawn      bool
}

const (
	// What is over sooner than firstDraw shows no line at all.
	firstDraw = time.Second
	nextDraw  = 100 * time.Millisecond
	barWidth  = 30
)

// NewProgress shows a replay on stderr, if that is a terminal and the events
// themselves go elsewhere.
func NewProgress(from, last event.Seq) *Progress {
	p := &Progress{from: from, last: last, unit: "events", next: time.Now().Add(firstDraw)}
	if term.IsTerminal(int(os.Stderr.Fd())) && !term.IsTerminal(int(os.Stdout.Fd())) {
		p.w = os.Stderr
	}
	return p
}

// NewSendProgress shows on stderr, if that is a terminal, how many of a digest's
// recipients need nothing more; call done when the digest is sent.
func NewSendProgress() (show func(sent, total int), done func()) {
	p := &Progress{from: 1, unit: "messages", next: time.Now().Add(firstDraw)}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		p.w = os.Stderr
	}
	return func(sent, total int) {
		p.last = event.Seq(total)
		p.Show(event.Seq(sent))
	}, p.Clear
}

// Show draws the line; seq is the event that was read last.
func (p *Progress) Show(seq event.Seq) {
	if seq >= p.last {
		p.Clear()
		return
	}
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(nextDraw)
	p.draw(seq)
}

func (p *Progress) draw(seq event.Seq) {
	total := max(p.last+1-min(p.from, p.last), 1)
	done := seq + 1 - min(p.from, seq)
	bar := make([]byte, barWidth)
	for i := range bar {
		bar[i] = '.'
		if event.Seq(i) < done*barWidth/total {
			bar[i] = '='
		}
	}
	fmt.Fprintf(p.w, "\r[%s] %d of %d %s", bar, done, total, p.unit)
	p.drawn = true
}

// Clear removes the line.
func (p *Progress) Clear() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
