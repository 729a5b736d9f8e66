package operate

import (
	"fmt"
	"io"
	"strings"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/publishers"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/worker/validate"
)

func printSyncReport(w io.Writer, r process.SyncReport, asJSON, dryRun bool) error {
	switch {
	case asJSON:
		if err := cli.PrintJSON(w, r); err != nil {
			return err
		}
	default:
		printSyncText(w, r, dryRun)
	}
	if event.CountFindings(r.Findings).Error > 0 {
		return cli.ErrData
	}
	return nil
}

func printSyncText(w io.Writer, r process.SyncReport, dryRun bool) {
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
			shared.Plural(len(r.Quarantined), "record"), verbKeep(len(r.Quarantined)), strings.Join(r.Quarantined, ", "))
	}
}

func verbKeep(n int) string {
	if n == 1 {
		return "keeps"
	}
	return "keep"
}
