package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"netsync/cmd/internal/backup"
	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/config"
	"netsync/schema/shared"
)

func restoreCommand() *cobra.Command {
	var path, keyFile string
	var only []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Bring back what a backup holds, on a broker that has none of it",
		Long: `Bring back what a backup holds, from a file or s3://BUCKET/FOLDER/FILE, on a
broker that has none of it. The stream begins a new epoch: subscribers go on up
to the last message that both share, and are told of the rest. No digest goes out
before you approve one by netsync digest approve.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			identities, err := readKeyFile(keyFile)
			if err != nil {
				return err
			}
			place, name, err := findBackup(args[0])
			if err != nil {
				return err
			}
			cfg, err := cli.LoadConfig(path)
			if err != nil {
				return err
			}
			restored, err := restoreBackup(cmd.Context(), cfg, place, name, identities, only)
			if err != nil {
				return backupError(err)
			}
			return printRestored(cmd.OutOrStdout(), restored, asJSON)
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringVar(&keyFile, "key-file", "", "file with the secret key that the backup is encrypted to")
	cmd.Flags().StringSliceVar(&only, "only", nil, "restore these streams only, such as netsync-x, KV_netsync-x-subscribers")
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

// restoreBackup restores into the broker of a configuration. An embedded broker that
// nobody else uses syncs what it writes at the end, and the restore counts only
// after that.
func restoreBackup(ctx context.Context, cfg *config.Config, place backup.Place, name string, identities []age.Identity, only []string) (r backup.Restored, err error) {
	log := cli.NewCommandLog(cfg)
	target := func(s *process.Session) backup.Target {
		return backup.Target{Conn: s.Conn, JetStream: s.JetStream, Identities: identities, Replicas: cfg.NATS.Replicas, Only: only, Now: time.Now}
	}
	if cfg.NATS.URL == "" {
		s, err := process.StartBroker(ctx, cfg, log, "", process.SyncAtEnd, nil)
		if err == nil {
			r, err = target(s).Restore(ctx, place, name)
			err = errors.Join(err, s.Close())
		}
		if err != nil && !errors.Is(err, broker.ErrLocked) {
			return r, err
		}
	}
	s, err := process.OpenSession(ctx, cfg, log)
	if err != nil {
		return r, err
	}
	if r.Epoch.ID == "" { // by a broker that runs elsewhere
		r, err = target(s).Restore(ctx, place, name)
	}
	if err == nil {
		err = target(s).Commit(ctx, r.Manifest)
	}
	return r, errors.Join(err, s.Close())
}

// readKeyFile reads secret keys; none if no file is named.
func readKeyFile(path string) ([]age.Identity, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, cli.UsageError("--key-file: %w", err)
	}
	defer file.Close()
	identities, err := age.ParseIdentities(file)
	if err != nil {
		return nil, cli.UsageError("--key-file %s: it holds no age secret key (AGE-SECRET-KEY-1...)", path)
	}
	return identities, nil
}

// findBackup takes the address of an archive apart.
func findBackup(address string) (place backup.Place, name string, err error) {
	if info, statErr := os.Stat(address); statErr == nil && info.IsDir() {
		return nil, "", cli.UsageError("%s is a folder; name one of the backups in it", address)
	}
	folder, name := backup.Split(address)
	if name == "" {
		return nil, "", cli.UsageError("%s names no backup", address)
	}
	place, err = backup.Open(folder)
	return place, name, err
}

// backupError gives an error of a backup the exit code that it means.
func backupError(err error) error {
	var exists *backup.ExistsError
	switch {
	case errors.Is(err, backup.ErrEncrypted), errors.Is(err, fs.ErrNotExist):
		return &cli.Error{Code: cli.ExitUsage, Err: err}
	case errors.Is(err, backup.ErrDamaged), errors.As(err, &exists):
		return &cli.Error{Code: cli.ExitData, Err: err}
	}
	return err
}

// A RestoredLine is the output of restore as JSON.
type RestoredLine struct {
	Dataset   string          `json:"dataset"`
	Epoch     string          `json:"epoch"`
	Previous  string          `json:"previous_epoch"`
	Shared    uint64          `json:"shared_sequence"`
	LostFrom  time.Time       `json:"lost_from"`
	LostTo    time.Time       `json:"lost_to"`
	UnderWay  []string        `json:"digests_under_way"`
	Uncertain int             `json:"uncertain"` // recipients of those digests
	Erased    int             `json:"erased"`    // -1: it is not known who left since
	Manifest  backup.Manifest `json:"manifest"`
}

func printRestored(w io.Writer, r backup.Restored, asJSON bool) error {
	line := RestoredLine{
		Dataset: r.Manifest.Dataset, Epoch: r.Epoch.ID, Previous: r.Manifest.Epoch.ID, Shared: uint64(r.Manifest.Sequence),
		LostFrom: r.Manifest.Began, LostTo: time.Now().UTC().Truncate(time.Second), UnderWay: []string{}, Erased: r.Erased, Manifest: r.Manifest,
	}
	for _, s := range r.UnderWay {
		line.UnderWay = append(line.UnderWay, s.ID)
		line.Uncertain += s.Recipients
	}
	if asJSON {
		return cli.PrintJSON(w, line)
	}
	const minute = "2006-01-02 15:04:05 UTC"
	fmt.Fprintf(w, "Restored %s up to message %d (changeset %s), state %s.\n", line.Dataset, line.Shared, orNothing(r.Manifest.Changeset), r.Manifest.StateDigest)
	fmt.Fprintf(w, "Lost: what happened from %s to %s. Commits of that time are published again; sign-ups and settings of subscribers are not known.\n",
		line.LostFrom.Format(minute), line.LostTo.Format(minute))
	for _, s := range r.UnderWay {
		fmt.Fprintf(w, "Digest %q was under way at the backup: it is noted as uncertain for whoever it was to go to, and is not sent again.\n", s.Subject)
	}
	switch {
	case r.Erased < 0:
		fmt.Fprintf(w, "Beside the backup is no list of who left since: remove those by netsync subscribers remove.\n")
	case r.Erased > 0:
		fmt.Fprintf(w, "%s left since the backup, and did not come back.\n", shared.Plural(r.Erased, "subscriber"))
	}
	_, err := fmt.Fprintln(w, "No digest goes out before you approve one: see which were sent in the lost time, then netsync digest preview, and netsync digest approve, cancel, or cancel --went-out.")
	return err
}
