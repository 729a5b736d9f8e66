package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/cmd/internal/backup"
	"netsync/cmd/internal/ops"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/stream"
)

// backups makes a backup at the times of backup.schedule, and keeps beside the
// newest who was erased since.
type backups struct {
	n     *node
	place backup.Place

	mu   sync.Mutex
	last ops.Backup
}

// newBackups returns nil where the configuration asks for no backups, or another
// role than those of this process makes them: the newsletter, which holds what
// Git does not have, or the worker where there is no newsletter.
func newBackups(n *node) (*backups, error) {
	role := roleWorker
	if n.cfg.Newsletter.Enabled {
		role = roleNewsletter
	}
	if n.cfg.Backup.To == "" || !n.has(role) {
		return nil, nil //nolint:nilnil // it is nobody's error
	}
	place, err := backup.Open(n.cfg.Backup.To)
	if err != nil {
		return nil, err
	}
	return &backups{n: n, place: place, last: ops.Backup{To: place.String()}}, nil
}

// status is what became of the last backup; nil where this process makes none.
func (b *backups) status() *ops.Backup {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.last
	return &last
}

func (b *backups) update(change func(*ops.Backup)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.last)
}

// dataset is the one that is backed up; "" before it is published.
func (b *backups) dataset(ctx context.Context) (string, error) {
	reader, err := b.n.stream(ctx)
	if errors.Is(err, stream.ErrNoStream) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return reader.Dataset(), nil
}

// look finds the newest backup, by whomever.
func (b *backups) look(ctx context.Context, dataset string) (newest time.Time, err error) {
	all, err := backup.Archives(ctx, b.place, dataset)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	b.update(func(s *ops.Backup) { s.Done, s.Bytes = all[0].Began, all[0].Bytes })
	return all[0].Began, nil
}

// make makes a backup, unless another process just did, and removes old ones.
func (b *backups) make(ctx context.Context) {
	err := b.tryMake(ctx)
	if ctx.Err() != nil {
		return
	}
	outcome := ops.BackupMade
	if err != nil {
		outcome = ops.BackupFailed
		b.n.log.Error("no backup was made", zap.String("to", b.place.String()), zap.Error(err))
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

// justNow is how old a backup is that another process made for the same time of
// the schedule.
const justNow = 30 * time.Second

func (b *backups) tryMake(ctx context.Context) error {
	dataset, err := b.dataset(ctx)
	if err != nil || dataset == "" {
		return err
	}
	if newest, err := b.look(ctx, dataset); err != nil || time.Since(newest) < justNow {
		return err
	}
	source, err := b.n.backupSource(backupOptions{})
	if err != nil {
		return err
	}
	m, kept, err := source.Create(ctx, b.place, "")
	if err != nil {
		return err
	}
	b.n.log.Info("backup made", zap.String("file", joinAddress(b.place, kept.Name)), zap.Int64("bytes", kept.Bytes), zap.Uint64("seq", uint64(m.Sequence)))
	b.update(func(s *ops.Backup) { s.Done, s.Bytes = m.Began, kept.Bytes })
	return backup.Prune(ctx, b.place, dataset, b.n.cfg.Backup.Keep)
}

// Pauses of keepErased.
const (
	findSubscribers = 5 * time.Second // until it is looked again for a list
	gatherErased    = time.Second     // for several who leave at once
)

// run keeps who was erased beside the newest backup until ctx ends, and returns
// nil then.
func (b *backups) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := b.keepErased(ctx); err != nil && ctx.Err() == nil {
			b.n.log.Error("not kept beside the backups who was erased", zap.Error(err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(findSubscribers):
		}
	}
	return nil
}

func (b *backups) keepErased(ctx context.Context) error {
	dataset, err := b.dataset(ctx)
	if err != nil || dataset == "" {
		return err
	}
	if _, err := b.look(ctx, dataset); err != nil {
		return err
	}
	kv, err := b.n.js.KeyValue(ctx, subscribers.Bucket(dataset))
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
			if err := backup.KeepErased(ctx, b.n.js, b.place, dataset); err != nil {
				return err
			}
		}
	}
}

// keepErased brings up to date beside the backups who was erased, where no process
// runs that does.
func (s *session) keepErased(ctx context.Context, dataset string) error {
	if dataset == "" || s.remote || s.cfg.Backup.To == "" {
		return nil
	}
	place, err := backup.Open(s.cfg.Backup.To)
	if err != nil {
		return err
	}
	return backup.KeepErased(ctx, s.js, place, dataset)
}
