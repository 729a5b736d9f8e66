package publishers

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// errHeld stops the runner's work when its channel is held.
var errHeld = errors.New("the channel is held")

// openReleases opens the channel's folder, independently of the channel.
func (r *Runner) openReleases() (*release.Dir, error) {
	if r.Dir == "" {
		return nil, fmt.Errorf("%s keeps no releases to go back to", r.Channel.Name())
	}
	return release.Open(r.Dir)
}

// Kept lists the releases that the channel can go back to, the newest first.
func (r *Runner) Kept() ([]KeptRelease, error) {
	dir, err := r.openReleases()
	if err != nil {
		return nil, err
	}
	return Kept(dir)
}

// RollBack makes the channel show an older release, and holds it there until
// Resume or Rebuild, whether or not Run is under way.
func (r *Runner) RollBack(ctx context.Context, o Rollback) (Hold, error) {
	dir, err := r.openReleases()
	if err != nil {
		return Hold{}, err
	}
	r.publishing.Lock()
	defer r.publishing.Unlock()
	hold, err := RollBack(dir, o, r.Now())
	if err != nil {
		return Hold{}, err
	}
	shown, err := r.Channel.Position(ctx)
	if err != nil {
		return Hold{}, fmt.Errorf("ask %s for its position: %w", r.Channel.Name(), err)
	}
	r.Log.Info("held", zap.String("changeset", hold.Changeset), zap.Uint64("seq", uint64(hold.Sequence)))
	r.update(func(s *Status) { s.Position, s.Held, s.Error = shown, &hold, "" })
	return hold, nil
}

// Resume ends the hold and returns it, or nil if there was none. Run then
// catches up.
func (r *Runner) Resume() (*Hold, error) {
	dir, err := r.openReleases()
	if err != nil {
		return nil, err
	}
	r.publishing.Lock()
	defer r.publishing.Unlock()
	hold, err := Resume(dir)
	if err == nil {
		r.update(func(s *Status) { s.Held = nil })
	}
	return hold, err
}

// endHold is Resume for a caller that holds r.publishing.
func (r *Runner) endHold() error {
	dir, err := r.openReleases()
	if err == nil {
		_, err = Resume(dir)
	}
	if err == nil {
		r.update(func(s *Status) { s.Held = nil })
	}
	return err
}

// findHold reads the hold that an earlier process left.
func (r *Runner) findHold(ctx context.Context) error {
	if r.Dir == "" {
		return nil
	}
	dir, err := r.openReleases()
	if err != nil {
		return err
	}
	hold, err := ReadHold(dir)
	if err != nil || hold == nil {
		return err
	}
	shown, err := r.Channel.Position(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for its position: %w", r.Channel.Name(), err)
	}
	r.update(func(s *Status) { s.Position, s.Held = shown, hold })
	return nil
}

// isHeld reports whether the channel itself is held.
func (r *Runner) isHeld() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status.Held != nil
}

// awaitHeld returns when the channel's held state equals until, or when ctx
// ends.
func (r *Runner) awaitHeld(ctx context.Context, until bool) {
	for {
		r.mu.Lock()
		held, moved := r.status.Held != nil, r.moved
		r.mu.Unlock()
		if held == until {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
}

// followUnlessHeld follows the stream until something fails. While the channel
// is held it waits, then starts again from the position that the channel shows.
func (r *Runner) followUnlessHeld(ctx context.Context) error {
	for {
		r.awaitHeld(ctx, false)
		following, stop := context.WithCancel(ctx)
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			r.awaitHeld(following, true)
			stop()
		}()
		err := r.followStream(following)
		stop()
		<-watched
		if ctx.Err() != nil || !r.isHeld() {
			return err
		}
	}
}

// HeldBack returns the hold that stops the channel: its own, or that of the
// channel that it follows.
func (r *Runner) HeldBack() *Hold {
	r.mu.Lock()
	own := r.status.Held
	r.mu.Unlock()
	if own != nil || r.Follows == nil {
		return own
	}
	leader := r.Follows.HeldBack()
	if leader == nil {
		return nil
	}
	hold := *leader
	hold.Follows = r.Follows.Channel.Name()
	return &hold
}

// waitForLeader waits until the channel that this one follows shows a
// changeset, even while that channel is held.
func (r *Runner) waitForLeader(ctx context.Context, seq event.Seq) error {
	if r.Follows == nil {
		return nil
	}
	for {
		err := r.Follows.Wait(ctx, seq)
		var held *HeldError
		if !errors.As(err, &held) {
			return err
		}
		r.update(func(*Status) {}) // wakes Wait, which reports it
		r.Follows.awaitHeld(ctx, false)
		r.update(func(*Status) {})
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// Look returns the channel's status when Run is not running.
func (r *Runner) Look(ctx context.Context) (Status, error) {
	if err := r.findHold(ctx); err != nil {
		return Status{}, err
	}
	shown, err := r.Channel.Position(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("ask %s for its position: %w", r.Channel.Name(), err)
	}
	status := Status{Channel: r.Channel.Name(), Position: shown, Held: r.HeldBack()}
	if reader, err := r.Open(ctx); err == nil && r.Dir != "" {
		r.findRemade(reader.Epoch().ID)
		status.Remade = r.Status().Remade
	}
	return status, nil
}
