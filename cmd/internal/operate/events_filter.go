package operate

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/schema/event"
)

// An eventFilter selects events. All of its parts must match; a part
// that is empty lets everything through.
type eventFilter struct {
	record       string
	collections  []string
	ops          []string
	significance []string

	id schema.RecordID // of record, once it is validated
}

func (f *eventFilter) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.record, "record", "", "only events of this record, such as networks/una-europa")
	flags.StringSliceVar(&f.collections, "collection", nil, "only events of records in these collections: "+list(schema.Collections()))
	flags.StringSliceVar(&f.ops, "op", nil, "only these events of records: "+list(event.Ops()))
	flags.StringSliceVar(&f.significance, "significance", nil, "only events of records that matter so much: "+list(event.Significances()))
}

func (f *eventFilter) validate() error {
	if f.record != "" {
		id, err := schema.ParseRecordID(f.record)
		if err != nil {
			return cli.UsageError("--record: %w", err)
		}
		f.id = id
	}
	if err := known("--collection", f.collections, schema.Collections()); err != nil {
		return err
	}
	if err := known("--op", f.ops, event.Ops()); err != nil {
		return err
	}
	return known("--significance", f.significance, event.Significances())
}

// isShown reports whether an event passes. Where there is any filter, only
// events of records do.
func (f *eventFilter) isShown(e event.Event) bool {
	if f.record == "" && len(f.collections)+len(f.ops)+len(f.significance) == 0 {
		return true
	}
	c := e.Change
	return c != nil && (f.record == "" || c.RecordID() == f.id) &&
		isAmong(f.collections, string(c.Collection)) && isAmong(f.ops, string(c.Op)) && isAmong(f.significance, string(c.Significance))
}

func isAmong(wanted []string, value string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, value)
}

func known[T ~string](flag string, given []string, all []T) error {
	for _, text := range given {
		if !slices.Contains(all, T(text)) {
			return cli.UsageError("%s: there is no %q; there are %s", flag, text, list(all))
		}
	}
	return nil
}

func list[T ~string](all []T) string {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = string(v)
	}
	return strings.Join(names, ", ")
}
