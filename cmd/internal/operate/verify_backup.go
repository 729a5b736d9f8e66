package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/cmd/internal/backup"
	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/process"
	"netsync/schema/shared"
	"netsync/schema/stream"
)

// verifyBackup proves that an archive can be restored: it compares every snapshot with
// its SHA-256, restores all of it into a broker of its own, and reads the whole
// stream.
func verifyBackup(ctx context.Context, w io.Writer, address, keyFile string, asJSON bool) error {
	identities, err := readKeyFile(keyFile)
	if err != nil {
		return err
	}
	place, name, err := findBackup(address)
	if err != nil {
		return err
	}
	v, err := proveBackup(ctx, place, name, identities)
	if err != nil {
		return backupError(err)
	}
	return v.reportResult(w, asJSON)
}

func proveBackup(ctx context.Context, place backup.Place, name string, identities []age.Identity) (v *verification, err error) {
	scratch, err := os.MkdirTemp("", "netsync-verify-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to restore into: %w", err)
	}
	defer os.RemoveAll(scratch)
	b, err := broker.Start(ctx, broker.Config{StoreDir: filepath.Join(scratch, "nats"), MaxBatch: process.EmbeddedBatch, SyncLater: true})
	if err != nil {
		return nil, err
	}
	nc, err := b.Connect(nats.Name("netsync verify"))
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	js, err := jetstream.New(nc)
	if err == nil {
		v, err = restoreAndAudit(ctx, backup.Target{Conn: nc, JetStream: js, Identities: identities}, place, name)
	}
	nc.Close()
	return v, errors.Join(err, b.Close())
}

func restoreAndAudit(ctx context.Context, t backup.Target, place backup.Place, name string) (*verification, error) {
	restored, err := t.Restore(ctx, place, name)
	if err != nil {
		return nil, err
	}
	m := restored.Manifest
	if err := t.Commit(ctx, m); err != nil {
		return nil, err
	}
	archive := part{Name: "backup", OK: true, Differences: []string{}, Note: fmt.Sprintf("%s, made %s by netsync %s",
		shared.Plural(len(m.Streams), "stream"), m.Began.Format("2006-01-02 15:04:05 UTC"), m.Program)}
	reader, err := stream.Open(ctx, t.JetStream, m.Dataset)
	if err != nil {
		return nil, err
	}
	fold, last, read, err := verifyStream(ctx, reader)
	if err != nil {
		return nil, err
	}
	read.Note = shared.Plural(int(last), "message")
	if fold.Position.Changeset != m.Changeset || fold.Position.StateDigest != m.StateDigest || last != m.Sequence {
		read.OK = false
		read.Differences = append(read.Differences, fmt.Sprintf("it ends at message %d, changeset %s, state %s; the manifest says %d, %s, %s",
			last, orNothing(fold.Position.Changeset), fold.Position.StateDigest, m.Sequence, orNothing(m.Changeset), m.StateDigest))
	}
	v := &verification{Changeset: m.Changeset, StateDigest: m.StateDigest, Records: fold.State.Len(), Events: last, OK: true}
	v.add(archive)
	v.add(read)
	return v, nil
}
