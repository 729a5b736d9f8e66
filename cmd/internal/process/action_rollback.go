package process

import (
	"context"
	"errors"
	"fmt"

	"netsync/cmd/internal/cli"
	"netsync/publishers"
	"netsync/schema/event"
)

// Rebuild rebuilds a channel and returns the hold that it had before.
func (s *Session) Rebuild(ctx context.Context, name string) (event.Position, *publishers.Hold, error) {
	var p event.Position
	before, err := s.rollbackChannel(ctx, name, RollbackOptions{List: true})
	if err != nil {
		return p, nil, err
	}
	if err := s.askProcess(ctx, actionRebuild+"."+name, nil, &p); errors.Is(err, errNobody) {
		runner, err := s.newRunner(name)
		if err != nil {
			return p, nil, err
		}
		p, err = runner.Rebuild(ctx)
		if err == nil && name == RoleWebsite {
			err = s.pushAgain(ctx)
		}
		if err != nil {
			return p, nil, err
		}
	} else if err != nil {
		return p, nil, err
	}
	if before.Hold == nil || name != RoleWebsite || !s.Config.Feed.Enabled {
		return p, before.Hold, nil
	}
	_, err = s.rollbackChannel(ctx, RoleFeed, RollbackOptions{Resume: true, Rollback: publishers.Rollback{Follows: name}})
	return p, before.Hold, err
}

// newRunner makes a runner for a channel that no running process publishes.
func (s *Session) newRunner(name string) (*publishers.Runner, error) {
	channel, err := s.NewChannel(name, s.ChannelDir(name))
	if err != nil {
		return nil, err
	}
	return publishers.NewRunner(publishers.Config{Channel: channel, Open: s.OpenStream, Dir: s.ChannelDir(name), Log: s.Log})
}

// pushAgain pushes the website to its targets.
func (s *Session) pushAgain(ctx context.Context) error {
	t, err := s.NewTargets(nil)
	if err != nil {
		return err
	}
	return t.pushAgain(ctx)
}

// RollbackOptions say what to do to one channel.
type RollbackOptions struct {
	publishers.Rollback
	List   bool `json:"list,omitempty"`
	Resume bool `json:"resume,omitempty"`
}

// A RollbackAnswer is the outcome of a rollback.
type RollbackAnswer struct {
	Channel  string                   `json:"channel"`
	Hold     *publishers.Hold         `json:"hold"` // nil if the channel is not held
	Ended    *publishers.Hold         `json:"ended,omitempty"`
	Releases []publishers.KeptRelease `json:"releases,omitempty"`
	// Followers are the channels that were held, or released, with this one.
	Followers []RollbackAnswer `json:"followers,omitempty"`
}

// RollbackAll rolls a channel back, and the channels that follow it.
func (s *Session) RollbackAll(ctx context.Context, channel string, o RollbackOptions) (RollbackAnswer, error) {
	answer, err := s.rollbackChannel(ctx, channel, o)
	if err != nil || o.List || channel != RoleWebsite || !s.Config.Feed.Enabled {
		return answer, err
	}
	if answer.Hold == nil && answer.Ended == nil {
		return answer, nil
	}
	follow := RollbackOptions{Resume: o.Resume, Rollback: publishers.Rollback{Follows: channel}}
	if answer.Hold != nil {
		follow.NotAfter = answer.Hold.Sequence
	}
	feed, err := s.rollbackChannel(ctx, RoleFeed, follow)
	if feed.Hold != nil || feed.Ended != nil {
		answer.Followers = append(answer.Followers, feed)
	}
	return answer, err
}

// rollbackChannel has the running process roll a channel back or, if none runs, does
// it here.
func (s *Session) rollbackChannel(ctx context.Context, channel string, o RollbackOptions) (RollbackAnswer, error) {
	var answer RollbackAnswer
	err := s.askProcess(ctx, actionRollback+"."+channel, o, &answer)
	if !errors.Is(err, errNobody) {
		return answer, err
	}
	runner, err := s.newRunner(channel)
	if err != nil {
		return answer, err
	}
	return answerRollback(ctx, runner, o)
}

// answerRollback rolls back a channel of this process.
func answerRollback(ctx context.Context, runner *publishers.Runner, o RollbackOptions) (RollbackAnswer, error) {
	answer := RollbackAnswer{Channel: runner.Channel.Name()}
	status, err := runner.Look(ctx)
	if err != nil {
		return answer, err
	}
	answer.Hold = status.Held
	switch {
	case o.List:
		answer.Releases, err = runner.Kept()
	case o.Resume:
		err = answer.endHold(runner, o)
	case o.Follows != "" && answer.Hold != nil && answer.Hold.Follows == "":
		// It has a hold of its own already.
	default:
		var hold publishers.Hold
		if hold, err = runner.RollBack(ctx, o.Rollback); err == nil {
			answer.Hold = &hold
		}
	}
	if errors.Is(err, publishers.ErrNotKept) {
		if o.Follows != "" {
			return answer, nil // it shows nothing, so it is ahead of nothing
		}
		err = &cli.Error{Code: cli.ExitUsage, Err: fmt.Errorf("roll back %s: %w", answer.Channel, err)}
	}
	return answer, err
}

// endHold ends a hold. A hold that follows another channel ends with that of the other
// channel alone.
func (a *RollbackAnswer) endHold(runner *publishers.Runner, o RollbackOptions) error {
	switch {
	case a.Hold == nil:
		return nil
	case o.Follows == "" && a.Hold.Follows != "":
		return cli.UsageError("the %s is held with the %s; resume that", a.Channel, a.Hold.Follows)
	case o.Follows != a.Hold.Follows:
		return nil
	}
	ended, err := runner.Resume()
	if err == nil {
		a.Hold, a.Ended = nil, ended
	}
	return err
}
