package process

import (
	"context"
	"errors"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/cmd/internal/backup"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/stream"
)

// A backupJob makes a backup at the times of backup.schedule, and keeps a list of
// the subscribers who were erased since beside the newest one.
type backupJob struct {
	n     *node
	place backup.Place

	mu   sync.Mutex
	last ops.Backup
}

// newBackups returns nil if the configuration asks for no backups or if they belong to
// another process: the one with the newsletter, which has what Git does not have, or
// the one with the worker if there is no newsletter.
func newBackups(n *node) (*backupJob, error) {
	role := roleWorker
	if n.Config.Newsletter.Enabled {
		role = RoleNewsletter
	}
	if n.Config.Backup.To == "" || !n.hasRole(role) {
		return nil, nil //nolint:nilnil // it is no error
	}
	place, err := backup.Open(n.Config.Backup.To)
	if err != nil {
		return nil, err
	}
	return &backupJob{n: n, place: place, last: ops.Backup{To: place.String()}}, nil
}

// readStatus returns the outcome of the last backup; nil if this process makes none.
func (b *backupJob) readStatus() *ops.Backup {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.last
	return &last
}

func (b *backupJob) update(change func(*ops.Backup)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.last)
}

// findDataset returns the dataset to back up; "" before it is published.
func (b *backupJob) findDataset(ctx context.Context) (string, error) {
	reader, err := b.n.OpenStream(ctx)
	if errors.Is(err, stream.ErrNoStream) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return reader.Dataset(), nil
}

// findNewest returns the time of the newest backup, whichever process made it.
func (b *backupJob) findNewest(ctx context.Context, dataset string) (newest time.Time, err error) {
	all, err := backup.Archives(ctx, b.place, dataset)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	b.update(func(s *ops.Backup) { s.Done, s.Bytes = all[0].Began, all[0].Bytes })
	return all[0].Began, nil
}

// makeBackup makes a backup, unless another process just did, and removes old ones.
func (b *backupJob) makeBackup(ctx context.Context) {
	err := b.tryBackup(ctx)
	if ctx.Err() != nil {
		return
	}
	outcome := ops.BackupMade
	if err != nil {
		outcome = ops.BackupFailed
		b.n.Log.Error("no backup was made", zap.String("to", b.place.String()), zap.Error(err))
	}
	b.n.metrics.Backup(outcome)
	b.update(func(s *ops.Backup) {
		if err == nil {
			s.Error, s.Failing = "", time.Time{}
			return
		}
		if s.Error = err.Error(); s.Failing.IsZero() {
			s.Failing = time.Now()
		}
	})
}

// justNow is the greatest age of a backup that another process made for the same time
// of the schedule.
const justNow = 30 * time.Second

func (b *backupJob) tryBackup(ctx context.Context) error {
	dataset, err := b.findDataset(ctx)
	if err != nil || dataset == "" {
		return err
	}
	if newest, err := b.findNewest(ctx, dataset); err != nil || time.Since(newest) < justNow {
		return err
	}
	source, err := b.n.BackupSource(BackupContent{})
	if err != nil {
		return err
	}
	m, kept, err := source.Create(ctx, b.place, "")
	if err != nil {
		return err
	}
	b.n.Log.Info("backup made", zap.String("file", backup.JoinAddress(b.place, kept.Name)), zap.Int64("bytes", kept.Bytes), zap.Uint64("seq", uint64(m.Sequence)))
	b.update(func(s *ops.Backup) { s.Done, s.Bytes = m.Began, kept.Bytes })
	return backup.Prune(ctx, b.place, dataset, b.n.Config.Backup.Keep)
}

// Pauses of keepErased.
const (
	findSubscribers = 5 * time.Second // until it is looked again for a list
	gatherErased    = time.Second     // for several who leave at once
)

// run keeps the list of erased subscribers beside the newest backup until ctx ends,
// and returns nil then.
func (b *backupJob) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := b.keepErased(ctx); err != nil && ctx.Err() == nil {
			b.n.Log.Error("not kept beside the backups who was erased", zap.Error(err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(findSubscribers):
		}
	}
	return nil
}

func (b *backupJob) keepErased(ctx context.Context) error {
	dataset, err := b.findDataset(ctx)
	if err != nil || dataset == "" {
		return err
	}
	if _, err := b.findNewest(ctx, dataset); err != nil {
		return err
	}
	kv, err := b.n.JetStream.KeyValue(ctx, subscribers.Bucket(dataset))
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	w, err := kv.Watch(ctx, subscribers.LeftKeys, jetstream.MetaOnly())
	if err != nil {
		return err
	}
	defer func() { _ = w.Stop() }() // it ends with the connection at the latest
	timer := time.NewTimer(gatherErased)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-w.Updates():
			if !ok {
				return errors.New("the broker ended the watch of who leaves")
			}
			timer.Reset(gatherErased)
		case <-timer.C:
			if err := backup.KeepErased(ctx, b.n.JetStream, b.place, dataset); err != nil {
				return err
			}
		}
	}
}

// KeepErased updates the list of erased subscribers beside the backups, unless a
// running process does.
func KeepErased(ctx context.Context, s *Session, dataset string) error {
	if dataset == "" || s.remote || s.Config.Backup.To == "" {
		return nil
	}
	place, err := backup.Open(s.Config.Backup.To)
	if err != nil {
		return err
	}
	return backup.KeepErased(ctx, s.JetStream, place, dataset)
}

// A BackupContent says what is in a backup.
type BackupContent struct {
	Images bool // with the images, which Git has, too
	Plain  bool // not encrypted
}

func (p builder) backupRecipients(o BackupContent) ([]age.Recipient, error) {
	recipients, err := p.Config.Backup.Recipients()
	switch {
	case err != nil:
		return nil, p.Config.Wrong("backup.key", err.Error(), "write an age recipient")
	case o.Plain:
		return nil, nil
	case len(recipients) == 0:
		return nil, cli.UsageError("backup.key is not set, and a backup holds the addresses of subscribers and the secret of their links; " +
			"make a key by netsync backup --new-key FILE and set backup.key to what it prints, or say --no-encryption")
	}
	return recipients, nil
}

func (s *Session) BackupSource(o BackupContent) (backup.Source, error) {
	recipients, err := s.backupRecipients(o)
	return backup.Source{
		Conn: s.Conn, JetStream: s.JetStream, Dataset: s.Config.Dataset.ID, Program: cli.Version(),
		Recipients: recipients, Images: o.Images, Now: time.Now,
	}, err
}
