package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"go.uber.org/zap"

	"netsync/cmd/internal/broker"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/worker"
	"netsync/worker/git"
)

// measurePasses measures a worker's passes beside git's own work on the same
// repository.
func measurePasses(ctx context.Context, dir string, records int) error {
	repo := filepath.Join(dir, "dataset.git")
	if err := makeRepository(ctx, repo, records); err != nil {
		return err
	}
	p := &passes{dir: dir, repo: repo}
	defer p.close()
	if err := p.first(ctx, records); err != nil {
		return err
	}
	const rounds = 61
	fmt.Printf("\n%-56s %10s  %5s\n", "median of "+fmt.Sprint(rounds)+" rounds", "time", "ratio")
	if err := p.poll(ctx, rounds); err != nil {
		return err
	}
	if err := p.one(ctx, rounds); err != nil {
		return err
	}
	if err := p.remote(ctx, rounds); err != nil {
		return err
	}
	debug.FreeOSMemory()
	fmt.Printf("\nidle after all that: %d MiB resident, broker included\n", resident())
	return nil
}

// passes are a worker and the broker that it publishes to.
type passes struct {
	dir, repo string
	broker    *broker.Broker
	nc        *nats.Conn
	worker    *worker.Worker
	round     int       // of changes
	stored    time.Time // when the broker last said that it has what a worker published
}

func (p *passes) newWorker(repository, mirror string) (*worker.Worker, error) {
	js, err := jetstream.New(p.nc)
	if err != nil {
		return nil, err
	}
	return worker.New(worker.Config{
		Git:       git.Config{Repository: repository, Ref: "main", Dir: filepath.Join(p.dir, mirror)},
		JetStream: js,
		MaxBatch:  broker.DefaultMaxBatch,
		Log:       zap.NewNop(),
		Observe:   worker.Observer{Appended: func([]event.Event, time.Duration) { p.stored = time.Now() }},
	})
}

func (p *passes) close() {
	if p.worker == nil {
		return
	}
	_ = p.worker.Close() // the figures are printed by now
	p.nc.Close()
	_ = p.broker.Close()
}

// pass makes a pass that must publish so many changes.
func pass(ctx context.Context, w *worker.Worker, want int) func() error {
	return func() error {
		r, err := w.Sync(ctx)
		if err == nil && (r.Held || len(r.Changes) != want) {
			err = fmt.Errorf("%d changes, not %d; findings: %v", len(r.Changes), want, r.Findings[:min(3, len(r.Findings))])
		}
		return err
	}
}

// first measures the import of everything beside the bare reading of it. Each
// round begins with nothing; the last one is kept.
func (p *passes) first(ctx context.Context, records int) error {
	fmt.Printf("\n%-56s %10s  %5s\n", "first import, median of 5 rounds", "time", "ratio")
	most := 0
	err := contest{rounds: 5, before: p.begin(ctx), runners: []runner{
		{name: "git cat-file --batch of all blobs", do: shell(ctx, p.git("ls-tree -r main")+" | cut -c13-52 | "+p.git("cat-file --batch --buffer")+" >/dev/null")},
		{name: "netsync: read, checked and stored", do: func() error {
			debug.FreeOSMemory()
			resetPeak()
			err := pass(ctx, p.worker, records)()
			most = max(most, peak())
			return err
		}},
	}}.run()
	if err == nil {
		fmt.Printf("peak: %d MiB resident, broker included\n", most)
	}
	return err
}

// begin starts a broker and a worker that know nothing.
func (p *passes) begin(ctx context.Context) func(int) error {
	return func(round int) error {
		p.close()
		var err error
		store := filepath.Join(p.dir, fmt.Sprintf("nats-%d", round))
		if p.broker, err = broker.Start(ctx, broker.Config{StoreDir: store, Log: zap.NewNop()}); err != nil {
			return err
		}
		if p.nc, err = p.broker.Connect(); err != nil {
			return err
		}
		p.worker, err = p.newWorker(p.repo, "mirror.git")
		return err
	}
}

func (p *passes) git(args string) string { return "git -C '" + p.repo + "' " + args }

// poll measures a look that finds nothing.
func (p *passes) poll(ctx context.Context, rounds int) error {
	return contest{rounds: rounds, runners: []runner{
		{name: "git ls-remote", do: shell(ctx, "git ls-remote '"+p.repo+"' refs/heads/main >/dev/null")},
		{name: "netsync: nothing new", do: pass(ctx, p.worker, 0)},
	}}.run()
}

// change commits a changed record. The commit is on the disk before anybody
// looks at it, as git commit has it: what is measured does not write it.
func (p *passes) change(ctx context.Context) func(int) error {
	return func(int) error {
		p.round++
		err := changeOne(ctx, p.repo, p.round)
		syscall.Sync()
		return err
	}
}

// lastStored is when what the last pass published was stored.
func (p *passes) lastStored() time.Time { return p.stored }

// one measures a changed record, from the moved ref to the stored changeset.
// What the broker alone takes to store as much is most of it.
func (p *passes) one(ctx context.Context, rounds int) error {
	batch, err := p.batchOfTwo(ctx)
	if err != nil {
		return err
	}
	return contest{rounds: rounds, before: p.change(ctx), runners: []runner{
		{name: "git diff-tree -r A B | git cat-file --batch", do: shell(ctx, p.git("diff-tree -r main~1 main")+" | cut -d' ' -f3-4 | tr ' ' '\\n' | "+p.git("cat-file --batch")+" >/dev/null")},
		{name: "netsync: one changed record, stored", do: pass(ctx, p.worker, 1), done: p.lastStored},
		{name: "the broker alone: an atomic batch of two such messages", do: batch},
	}}.run()
}

// batchOfTwo stores in another stream what the last two messages of the
// dataset's said.
func (p *passes) batchOfTwo(ctx context.Context) (func() error, error) {
	js, err := jetstream.New(p.nc)
	if err != nil {
		return nil, err
	}
	of, err := js.Stream(ctx, stream.Name("bench"))
	if err != nil {
		return nil, err
	}
	var texts [2][]byte
	for i := range texts {
		m, err := of.GetMsg(ctx, of.CachedInfo().State.LastSeq-1+uint64(i))
		if err != nil {
			return nil, err
		}
		texts[i] = m.Data
	}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "two", Subjects: []string{"two"}, AllowAtomicPublish: true}); err != nil {
		return nil, err
	}
	return func() error {
		b, err := jetstreamext.NewBatchPublisher(js)
		if err != nil {
			return err
		}
		if err := b.Add("two", texts[0]); err != nil {
			return err
		}
		_, err = b.Commit(ctx, "two", texts[1])
		return err
	}, nil
}

// remote measures the same over git's own protocol.
func (p *passes) remote(ctx context.Context, rounds int) error {
	w, err := p.newWorker("file://"+p.repo, "remote.git")
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := w.Sync(ctx); err != nil {
		return err
	}
	copied := filepath.Join(p.dir, "copy.git")
	if err := shell(ctx, "git clone --quiet --bare 'file://"+p.repo+"' '"+copied+"'")(); err != nil {
		return err
	}
	fetch := "git -C '" + copied + "' fetch --quiet --no-tags 'file://" + p.repo + "' +refs/heads/main:refs/heads/main"
	return contest{rounds: rounds, before: p.change(ctx), runners: []runner{
		{name: "git fetch", do: shell(ctx, fetch)},
		{name: "netsync: one changed record of a remote, stored", do: pass(ctx, w, 1), done: p.lastStored},
	}}.run()
}
