package publishers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// A KeptRelease is a release that a channel shows or can go back to.
type KeptRelease struct {
	Release   string    `json:"release"`
	Changeset string    `json:"changeset"`
	Sequence  event.Seq `json:"sequence"`
	Time      time.Time `json:"time"` // when it first went live
	Current   bool      `json:"current"`
}

// A Rollback selects the release that a channel goes back to.
type Rollback struct {
	// To is a release, a changeset or a prefix of one. If empty, it means the
	// release before the current one.
	To string `json:"to,omitempty"`
	// Follows, if set, is the channel that this one follows. This one goes back
	// to the newest release that is not after NotAfter.
	Follows  string    `json:"follows,omitempty"`
	NotAfter event.Seq `json:"not_after,omitempty"`
}

// ErrNotKept is returned if a channel has no such release to go back to.
var ErrNotKept = errors.New("no such release is kept")

// Kept lists the releases of a channel's folder, the newest first.
func Kept(dir *release.Dir) ([]KeptRelease, error) {
	releases, err := dir.Releases()
	if err != nil {
		return nil, err
	}
	kept := []KeptRelease{}
	for _, r := range releases {
		p, err := ReadPosition(func(name string) ([]byte, error) { return dir.ReadFileOf(r.Release, name) })
		if err != nil {
			return nil, err
		}
		kept = append(kept, KeptRelease{r.Name, p.Changeset, p.Sequence, r.Time, r.Current})
	}
	return kept, nil
}

// RollBack makes a channel show an older release and holds it there. It writes
// the hold first, so that the channel cannot move forward after a crash.
func RollBack(dir *release.Dir, o Rollback, now time.Time) (Hold, error) {
	kept, err := Kept(dir)
	if err != nil {
		return Hold{}, err
	}
	to, err := o.findRelease(kept)
	if err != nil {
		return Hold{}, err
	}
	before, err := ReadHold(dir)
	if err != nil {
		return Hold{}, err
	}
	hold := Hold{to.Changeset, to.Sequence, to.Release, now.UTC().Truncate(time.Second), o.Follows}
	if err := writeHold(dir, hold); err != nil {
		return Hold{}, err
	}
	if to.Current {
		return hold, nil
	}
	if err := dir.RollBack(to.Release); err != nil {
		undo := dir.RemoveNote(HoldFile)
		if before != nil {
			undo = writeHold(dir, *before)
		}
		return Hold{}, errors.Join(err, undo)
	}
	return hold, nil
}

// Resume ends the hold of a channel and returns it, or nil if it was not held.
func Resume(dir *release.Dir) (*Hold, error) {
	hold, err := ReadHold(dir)
	if err != nil || hold == nil {
		return nil, err
	}
	return hold, dir.RemoveNote(HoldFile)
}

// findRelease returns the selected release.
func (o Rollback) findRelease(kept []KeptRelease) (KeptRelease, error) {
	current := slices.IndexFunc(kept, func(k KeptRelease) bool { return k.Current })
	if current < 0 {
		return KeptRelease{}, fmt.Errorf("the channel shows nothing: %w", ErrNotKept)
	}
	switch {
	case o.Follows != "":
		return o.findFollower(kept, kept[current]), nil
	case o.To == "" && current+1 < len(kept):
		return kept[current+1], nil
	case o.To == "":
		return KeptRelease{}, fmt.Errorf("there is none before %s: %w", kept[current].Changeset, ErrNotKept)
	}
	var found []KeptRelease
	for _, k := range kept {
		if k.Release == o.To || k.Changeset == o.To {
			return k, nil
		}
		if strings.HasPrefix(k.Changeset, o.To) && !slices.ContainsFunc(found, func(f KeptRelease) bool { return f.Changeset == k.Changeset }) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return KeptRelease{}, fmt.Errorf("%q: %w; --list shows those that are", o.To, ErrNotKept)
	}
	return KeptRelease{}, fmt.Errorf("%q may be %s or %s: %w", o.To, found[0].Changeset, found[1].Changeset, ErrNotKept)
}

// findFollower returns the current release unless it is after NotAfter. It also
// returns it if no kept release is old enough: going only part of the way back
// would still be ahead.
func (o Rollback) findFollower(kept []KeptRelease, current KeptRelease) KeptRelease {
	if current.Sequence <= o.NotAfter {
		return current
	}
	best := current
	for _, k := range kept {
		if k.Changeset != "" && k.Sequence <= o.NotAfter && (best == current || k.Sequence > best.Sequence) {
			best = k
		}
	}
	return best
}
