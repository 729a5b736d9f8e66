package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"netsync/cmd/internal/backup"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/schema/shared"
	"netsync/schema/stream"
)

// backupOptions are the flags of backup.
type backupOptions struct {
	to      string
	content process.BackupContent
	newKey  string
	asJSON  bool
}

func backupCommand() *cobra.Command {
	var path string
	var o backupOptions
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Keep a copy of what Git cannot bring back: stream, subscribers and their secret, ledger, webhook state, archive",
		Long: `Keep a copy of what Git cannot bring back: the stream, the subscribers with the
secret of their links, the ledger and archive of digests, and how far webhooks
have been told. It is one file, encrypted to backup.key, made of a system that
runs or of one that does not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.newKey != "" {
				return makeBackupKey(cmd.OutOrStdout(), o.newKey)
			}
			return process.WithSession(cmd.Context(), path, func(ctx context.Context, s *process.Session) error {
				made, err := makeBackup(ctx, s, o)
				if err != nil {
					return err
				}
				return made.print(cmd.OutOrStdout(), o.asJSON)
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringVar(&o.to, "to", "", "a file, a folder, or s3://BUCKET/FOLDER; backup.to where it is left out")
	cmd.Flags().BoolVar(&o.content.Images, "images", false, "with the images, which Git has, too")
	cmd.Flags().BoolVar(&o.content.Plain, "no-encryption", false, "write the addresses of subscribers and the secret of their links in the clear")
	cmd.Flags().StringVar(&o.newKey, "new-key", "", "make a key in this `file`, which must not exist, print its public half for backup.key, and do nothing else")
	cli.AddJSONFlag(cmd, &o.asJSON)
	return cmd
}

// makeBackupKey writes a secret key that only its owner reads.
func makeBackupKey(w io.Writer, path string) error {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return cli.UsageError("%s exists already, and whatever is encrypted to it needs it; name another file", path)
	}
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	_, err = fmt.Fprintf(file, "# public key: %s\n%s\n", key.Recipient(), key)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	_, err = fmt.Fprintln(w, key.Recipient())
	return err
}

// A backupMade is the output of backup.
type backupMade struct {
	File     string          `json:"file"`
	Bytes    int64           `json:"bytes"`
	Manifest backup.Manifest `json:"manifest"`
}

func (b backupMade) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, b)
	}
	m := b.Manifest
	_, err := fmt.Fprintf(w, "%s: %s, %d bytes, up to message %d (changeset %s), state %s\n",
		b.File, shared.Plural(len(m.Streams), "stream"), b.Bytes, m.Sequence, orNothing(m.Changeset), m.StateDigest)
	return err
}

// backup makes one backup.
func makeBackup(ctx context.Context, s *process.Session, o backupOptions) (made backupMade, err error) {
	address := cmp.Or(o.to, s.Config.Backup.To)
	if address == "" {
		return made, cli.UsageError("backup.to is not set; say --to with a file, a folder or s3://BUCKET/FOLDER")
	}
	source, err := s.BackupSource(o.content)
	if err != nil {
		return made, err
	}
	name := ""
	if o.to != "" && backup.IsFile(address) {
		address, name = backup.Split(address)
	}
	place, err := backup.Open(address)
	if err != nil {
		return made, err
	}
	m, kept, err := source.Create(ctx, place, name)
	if errors.Is(err, stream.ErrNoStream) {
		return made, &cli.Error{Code: cli.ExitData, Err: errors.New("nothing has been published yet, so there is nothing to back up; run netsync sync")}
	}
	if err != nil {
		return made, fmt.Errorf("make a backup: %w", err)
	}
	return backupMade{backup.JoinAddress(place, kept.Name), kept.Bytes, m}, nil
}
