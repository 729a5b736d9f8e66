package maintain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

func newCommand() *cobra.Command {
	var dir, folder string
	cmd := &cobra.Command{
		Use:   "new KIND ID",
		Short: "Make a record: KIND is network, organization or activity",
		Long: `new writes a record with every field of its kind explained: those that must be
there filled in, the others switched off with a # before them.`,
		Example:   "  netsync new network una-europa\n  netsync new organization tu-delft --folder partners",
		Args:      cobra.ExactArgs(2),
		ValidArgs: recordKinds(),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := newID(args[0], args[1])
			if err != nil {
				return err
			}
			name, err := makeRecord(cmd.Context(), dir, folder, id)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(dir, filepath.FromSlash(name)))
			fmt.Fprintf(cmd.ErrOrStderr(), "Fill it in, then check it: netsync validate %s\n", dir)
			return nil
		},
	}
	cmd.Flags().StringVarP(&dir, "dir", "C", ".", "folder of the dataset")
	cmd.Flags().StringVar(&folder, "folder", "", "folder below that of the collection; it is made if need be")
	return cmd
}

// recordKinds returns the words for a record of each collection.
func recordKinds() []string {
	var all []string
	for _, c := range schema.Collections() {
		all = append(all, c.Singular())
	}
	return all
}

// newID reads the arguments of the command.
func newID(kind, id string) (schema.RecordID, error) {
	i := slices.Index(recordKinds(), kind)
	if i < 0 {
		return schema.RecordID{}, cli.UsageError("there is no kind of record %q; there are %s", kind, strings.Join(recordKinds(), ", "))
	}
	if !schema.ValidID(id) {
		return schema.RecordID{}, cli.UsageError("%q cannot be an id: lower-case letters, digits and single hyphens between them, at most %d in all, such as una-europa",
			id, schema.MaxIDLength)
	}
	return schema.RecordID{Collection: schema.Collections()[i], ID: id}, nil
}

// makeRecord writes a new record of the dataset in a folder, and returns its
// name there.
func makeRecord(ctx context.Context, dir, folder string, id schema.RecordID) (string, error) {
	if _, ok := manifestIn(dir); !ok {
		return "", cli.UsageError("there is no dataset in %s: no %s.yaml stands there. Name its folder with -C, or make one with netsync init", dir, snapshot.ManifestBase)
	}
	if folder != "" && !filepath.IsLocal(folder) {
		return "", cli.UsageError("--folder: %s leads out of the folder %s", folder, id.Collection)
	}
	snap, _, err := snapshot.ReadFolder(ctx, os.DirFS(dir), validate.Options(time.Now()))
	if err != nil {
		return "", err
	}
	if there := snap.PathsOf(id); len(there) > 0 {
		return "", cli.UsageError("the %s %s is there already: %s", id.Collection.Singular(), id.ID, there[0])
	}
	text, err := newText(snap, id, schemaAddress(dir, path.Join(string(id.Collection), filepath.ToSlash(folder)), id.Collection))
	if err != nil {
		return "", err
	}
	name := path.Join(string(id.Collection), filepath.ToSlash(folder), id.ID+".yaml")
	return name, createFile(filepath.Join(dir, filepath.FromSlash(name)), text)
}

// newText writes the text of a new record, given the dataset that it is for.
func newText(snap *snapshot.Snapshot, id schema.RecordID, address string) (string, error) {
	r := newRecord{id: id, schema: address}
	for _, other := range snap.IDs() {
		if other.Collection == schema.Networks && (r.network == "" || other.ID < r.network) {
			r.network = other.ID
		}
	}
	if id.Collection == schema.Activities && r.network == "" {
		return "", cli.UsageError("an activity is run in a network, and the dataset has none. Make one first: netsync new network ID")
	}
	if snap.Manifest != nil {
		for purpose := range snap.Manifest.Vocabularies.Purposes {
			r.purposes = append(r.purposes, purpose)
		}
	}
	return r.formatText(), nil
}

// schemaAddress is where an editor finds the schema of the records in a folder
// of the dataset: in the dataset's own copy, where there is one.
func schemaAddress(dir, folder string, c schema.Collection) string {
	file := c.Singular() + ".schema.json"
	own := path.Join(schemaFolder, file)
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(own))); err != nil {
		return schema.BaseURI + file
	}
	return strings.Repeat("../", 1+strings.Count(folder, "/")) + own
}

// createFile writes a file that is not there yet.
func createFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make a record: %w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return cli.UsageError("%s is there already", name)
	}
	if err != nil {
		return fmt.Errorf("make a record: %w", err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
