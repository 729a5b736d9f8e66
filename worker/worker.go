package worker

import (
	"context"
	"sync"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// A Worker publishes one dataset. Its passes run one at a time.
type Worker struct {
	Config

	pass   sync.Mutex // held during a pass
	mirror *git.Mirror
	// reader reads the dataset's stream; nil while there is none.
	reader *stream.Reader
	// fold is what was published, up to and with message seen.
	fold *event.Fold
	seen event.Seq
	// hidden is what messages that are set aside hide of it.
	hidden stream.Hidden
	// identity is the dataset that this pass publishes to, which renamed says is
	// not the one that the manifest names. chosen, unless it is zero, is when an
	// operator asked for it although the dataset has another stream.
	identity string
	renamed  []schema.Finding
	chosen   time.Time
	// wrote is the last message that this worker published itself.
	wrote event.Seq

	// snap is the dataset at commit read; nil when it must be read anew.
	snap     *snapshot.Snapshot
	read     git.CommitID
	checker  *validate.Checker
	findings []schema.Finding // of the snapshot
	// verdict is that of the last pass.
	verdict verdict
	// quarantined are the records that were held at the last changeset.
	quarantined []schema.RecordID
	// touched are the records that may differ from what was published;
	// nil stands for all.
	touched map[schema.RecordID]struct{}
	// stock are images that the broker has; nil where those that it has are to
	// be compared with all that are shown.
	stock map[schema.Digest]struct{}
	// settled is the commit and the day that were found to need nothing.
	settled settled

	hints  chan struct{}
	ticks  chan struct{}
	mu     sync.Mutex
	status Status
}

type settled struct {
	commit git.CommitID
	day    string
	seen   event.Seq
}

// New makes a worker. It starts nothing: see Sync and Run.
func New(c Config) (*Worker, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.OnInvalid == "" {
		c.OnInvalid = KeepLastGood
	}
	return &Worker{Config: c, fold: &event.Fold{}, hints: make(chan struct{}, 1), ticks: make(chan struct{}, 1)}, nil
}

// Close ends the worker's processes. The worker must not be used after.
func (w *Worker) Close() error {
	w.pass.Lock()
	defer w.pass.Unlock()
	if w.mirror == nil {
		return nil
	}
	err := w.mirror.Close()
	w.mirror = nil
	return err
}

// Hint asks Run for a pass soon: somebody knows of something new. Hints that
// come while one is waiting are one.
func (w *Worker) Hint() { wake(w.hints) }

// Tick asks Run for a pass because it is time to look. While passes fail, Run
// makes them at its own pace, and a tick changes nothing.
func (w *Worker) Tick() { wake(w.ticks) }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run makes a pass at once and then one for every hint and tick, until ctx
// ends; it returns nil then. A pass that fails is tried again after a pause
// that grows; what was published stays meanwhile.
func (w *Worker) Run(ctx context.Context) error {
	retry := time.NewTimer(0)
	defer retry.Stop()
	pause := minPause
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.ticks:
			if failing {
				continue
			}
		case <-w.hints:
		case <-retry.C:
		}
		retry.Stop()
		_, err := w.Sync(ctx)
		if failing = err != nil && ctx.Err() == nil; failing {
			retry.Reset(pause)
			pause = min(2*pause, maxPause)
			continue
		}
		pause = minPause
	}
}

// Pauses between tries of a pass that failed.
const (
	minPause = time.Second
	maxPause = time.Minute
)
