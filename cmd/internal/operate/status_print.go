package operate

import (
	"fmt"
	"io"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/worker/validate"
)

func printStatus(w io.Writer, s ops.Status, running bool) {
	row := func(name, text string) { fmt.Fprintf(w, "%-11s %s\n", name, text) }
	if running {
		p := s.Process
		row("process", fmt.Sprintf("%d on %s, netsync %s, %v, began %s", p.PID, p.Host, p.Version, p.Roles, ops.Ago(p.Started, s.Time)))
		if p.Admin != "" {
			row("operators", p.Admin)
		}
	} else {
		row("process", "none is running")
	}
	for _, part := range s.Parts() {
		if !running && part.Name == "broker" {
			continue // it is this command's own
		}
		row(part.Name, part.State)
		for _, note := range part.Notes {
			row("", note)
		}
	}
	for _, due := range s.Next {
		row("next", fmt.Sprintf("%s %s, %s", due.Job, ops.In(due.Next, s.Time), due.Next.Local().Format("Mon 2 Jan 15:04:05")))
	}
	if running {
		row("verdict", s.Verdict().Text)
	}
	for _, f := range s.Findings() {
		fmt.Fprintln(w, validate.Line(f.Finding))
		row("", fmt.Sprintf("first seen %s, at commit %s", ops.Ago(f.FirstSeen, time.Now()), cli.ShortCommit(f.FirstCommit)))
	}
}
