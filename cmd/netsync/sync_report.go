package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"netsync/cmd/internal/cli"
	"netsync/publishers"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/worker"
	"netsync/worker/validate"
)

// A syncReport is what one pass did, as sync prints it.
type syncReport struct {
	Commit      string          `json:"commit"`
	Changeset   string          `json:"changeset"` // the last in the stream
	Sequence    event.Seq       `json:"sequence"`
	Published   int             `json:"published"`   // record events of this pass
	Held        bool            `json:"held"`        // the whole commit is
	Quarantined []string        `json:"quarantined"` // records that keep their last good version
	Findings    []event.Finding `json:"findings"`
	Changes     []*event.Change `json:"changes,omitempty"` // of a dry run
	// HeldChannels do not show the changeset, since they are held.
	HeldChannels []heldChannel `json:"held_channels,omitempty"`
}

// A heldChannel is one that somebody holds at an older release.
type heldChannel struct {
	Channel string          `json:"channel"`
	Hold    publishers.Hold `json:"hold"`
}

func isHeld(held []heldChannel, name string) bool {
	return slices.ContainsFunc(held, func(h heldChannel) bool { return h.Channel == name })
}

func newReport(r worker.Result) syncReport {
	return syncReport{
		Commit:    string(r.Commit),
		Changeset: r.Position.Changeset,
		Sequence:  r.Position.Sequence,
		Published: len(r.Changes),
		Held:      r.Held,
		Findings:  r.Findings,

		Quarantined: r.Quarantined,
	}
}

func (r syncReport) print(w io.Writer, asJSON, dryRun bool) error {
	switch {
	case asJSON:
		if err := cli.PrintJSON(w, r); err != nil {
			return err
		}
	default:
		r.printText(w, dryRun)
	}
	if event.CountFindings(r.Findings).Error > 0 {
		return cli.ErrData
	}
	return nil
}

func (r syncReport) printText(w io.Writer, dryRun bool) {
	for _, f := range r.Findings {
		fmt.Fprintln(w, validate.Line(f.Finding))
	}
	switch {
	case r.Held && r.Changeset == "":
		fmt.Fprintf(w, "Commit %s is held back because of its errors; nothing is published yet.\n", cli.ShortCommit(r.Commit))
	case r.Held:
		fmt.Fprintf(w, "Commit %s is held back because of its errors; changeset %s stays.\n", cli.ShortCommit(r.Commit), r.Changeset)
	case dryRun:
		for _, c := range r.Changes {
			fmt.Fprintln(w, cli.ChangeLine(c))
		}
		fmt.Fprintf(w, "Commit %s would publish %s.\n", cli.ShortCommit(r.Commit), shared.Plural(r.Published, "change"))
	case r.Published == 0 && len(r.Quarantined) > 0:
		fmt.Fprintf(w, "Nothing to publish from commit %s; changeset %s stays.\n", cli.ShortCommit(r.Commit), r.Changeset)
	case r.Published == 0:
		fmt.Fprintf(w, "Nothing to publish: commit %s says what changeset %s does.\n", cli.ShortCommit(r.Commit), r.Changeset)
	default:
		shows := "every channel shows it"
		if len(r.HeldChannels) > 0 {
			shows = "every channel shows it that is not held"
		}
		fmt.Fprintf(w, "Published %s as changeset %s; %s.\n", shared.Plural(r.Published, "change"), r.Changeset, shows)
	}
	for _, c := range r.HeldChannels {
		e := publishers.HeldError{Channel: c.Channel, Hold: c.Hold}
		fmt.Fprintf(w, "The channel %s.\n", e.Error())
	}
	if !r.Held && len(r.Quarantined) > 0 {
		fmt.Fprintf(w, "%s %s its last good version until it is mended: %s\n",
			shared.Plural(len(r.Quarantined), "record"), keeps(len(r.Quarantined)), strings.Join(r.Quarantined, ", "))
	}
}

func keeps(n int) string {
	if n == 1 {
		return "keeps"
	}
	return "keep"
}
