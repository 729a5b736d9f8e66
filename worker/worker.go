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

// A Worker publishes one dataset. It makes one pass at a time.
type Worker struct {
	Config

	pass   sync.Mutex // held during a pass
	mirror *git.Mirror
	// reader reads the dataset's stream; nil if there is none.
	reader *stream.Reader
	// fold is the published state, up to and including message seen.
	fold *event.Fold
	seen event.Seq
	// hidden holds the records whose last event an invalid message hides.
	hidden stream.Hidden
	// targetDataset is the dataset that this pass publishes to.
	// identityFindings is set if the manifest has another id. chosenAt, unless
	// zero, is when an operator asked for a new dataset.
	targetDataset    string
	identityFindings []schema.Finding
	chosenAt         time.Time
	// lastWritten is the last message that this worker published.
	lastWritten event.Seq

	// snap is the dataset at commit readCommit; nil if it must be read
	// completely.
	snap       *snapshot.Snapshot
	readCommit git.CommitID
	checker    *validate.Checker
	findings   []schema.Finding // of the snapshot
	// verdict is that of the last pass.
	verdict verdict
	// quarantined are the records that were held at the last changeset.
	quarantined []schema.RecordID
	// touched are the records that may differ from the published state; nil
	// means all.
	touched map[schema.RecordID]struct{}
	// storedImages are the known images of the broker; nil if all have to be
	// compared.
	storedImages map[schema.Digest]struct{}
	// lastPass is where the last pass found nothing more to do.
	lastPass checkpoint

	hints  chan struct{}
	ticks  chan struct{}
	mu     sync.Mutex
	status Status
}

// A checkpoint identifies the input of a pass.
type checkpoint struct {
	commit git.CommitID
	day    string
	seen   event.Seq
}

// New returns a worker. It starts nothing: see Sync and Run.
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

// Close ends the worker's processes. The worker must not be used afterwards.
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

// Hint asks Run for a pass soon, because there may be something new. Pending
// hints are combined.
func (w *Worker) Hint() { wakeUp(w.hints) }

// Tick asks Run for a scheduled pass. While passes fail, Run retries at its own
// pace and ignores ticks.
func (w *Worker) Tick() { wakeUp(w.ticks) }

func wakeUp(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run makes a pass at once and then one for every hint and tick, until ctx
// ends, and returns nil. It retries failed passes with growing pauses.
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

// Pauses between retries of a failed pass.
const (
	minPause = time.Second
	maxPause = time.Minute
)
