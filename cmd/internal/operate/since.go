package operate

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/config"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// A since is where a replay begins. One of its fields is set; the zero value
// is the first event.
type since struct {
	seq    event.Seq
	time   time.Time
	commit string // or the id of a changeset, in lower case
	// digits is what may be a number, which seq then is, or a commit that is
	// abbreviated to digits alone.
	digits string
}

var (
	digits = regexp.MustCompile(`^[0-9]{1,64}$`)
	// A commit is abbreviated to four digits at least, as by git.
	commitOrChangeset = regexp.MustCompile(`^[0-9a-f]{4,64}(@[0-9]+)?$`)
)

// Prefixes that say how to read the rest of --since.
const (
	seqPrefix    = "seq:"
	commitPrefix = "commit:"
)

// parseSince reads --since. Digits alone are a sequence number if the stream goes
// that far, and a commit otherwise; "100d" is a duration rather than a commit.
func parseSince(text string, now time.Time) (since, error) {
	if number, ok := strings.CutPrefix(text, seqPrefix); ok {
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil {
			return since{}, cli.UsageError("--since %q: give a sequence number such as seq:42", text)
		}
		return since{seq: event.Seq(n)}, nil
	}
	if commit, ok := strings.CutPrefix(text, commitPrefix); ok {
		if commit = strings.ToLower(commit); !commitOrChangeset.MatchString(commit) {
			return since{}, cli.UsageError("--since %q: give a commit such as commit:1f2a0c1d9", text)
		}
		return since{commit: commit}, nil
	}
	if digits.MatchString(text) {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil { // more digits than a number has
			return since{commit: text}, nil
		}
		return since{seq: event.Seq(n), digits: text}, nil
	}
	if d, err := config.ParseDuration(text); err == nil {
		return since{time: now.Add(-d.Std())}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return since{time: t}, nil
		}
	}
	if commit := strings.ToLower(text); commitOrChangeset.MatchString(commit) {
		return since{commit: commit}, nil
	}
	return since{}, cli.UsageError("--since %q: give a sequence number such as 42, a time such as 2026-11-24T08:00:00Z or 2026-11-24, a duration back such as 24h or 7d, or a commit", text)
}

// findStart finds the place in the stream.
func (s since) findStart(ctx context.Context, r *stream.Reader) (event.Seq, error) {
	switch {
	case s.digits != "":
		return s.resolveDigits(ctx, r)
	case s.commit != "":
		seq, err := findCommit(ctx, r, s.commit)
		return seq + 1, err
	case !s.time.IsZero():
		return r.FirstAt(ctx, s.time)
	}
	return s.seq, nil
}

// resolveDigits takes digits for a sequence number up to the one that the next
// message will have, and for a commit beyond that.
func (s since) resolveDigits(ctx context.Context, r *stream.Reader) (event.Seq, error) {
	last, err := r.Last(ctx)
	if err != nil || s.seq <= last+1 {
		return s.seq, err
	}
	if commitOrChangeset.MatchString(s.digits) {
		seq, err := findCommit(ctx, r, s.digits)
		if _, unknown := errors.AsType[*cli.Error](err); !unknown {
			return seq + 1, err
		}
	}
	return 0, cli.UsageError("--since %s: the stream ends with message %d, and no changeset published such a commit; seq:%s waits for that message", s.digits, last, s.digits)
}

// findCommit returns the end of the changeset that published a commit, the last one
// if several did because the branch went back and forth.
func findCommit(ctx context.Context, r *stream.Reader, commit string) (event.Seq, error) {
	found := places{}
	for m, err := range r.Changesets(ctx) {
		if err != nil {
			return 0, err
		}
		if id := m.Changeset.ID; id == commit || strings.HasPrefix(m.Changeset.Commit, commit) {
			found[m.Changeset.Commit] = m.Seq
		}
	}
	if len(found) == 0 {
		// A changeset is named after the newest of the commits that it brings.
		var err error
		if found, err = findAmongOthers(ctx, r, commit); err != nil {
			return 0, err
		}
	}
	return found.findOnly(commit)
}

// findAmongOthers looks through the commits that record events list.
func findAmongOthers(ctx context.Context, r *stream.Reader, commit string) (places, error) {
	found, begun := places{}, places{}
	last, err := r.Last(ctx)
	if err != nil {
		return nil, err
	}
	for m, err := range r.Replay(ctx, 1, last) {
		switch {
		case err != nil:
			return nil, err
		case m.Change != nil:
			for _, c := range m.Change.Commits {
				if strings.HasPrefix(c.SHA, commit) {
					begun[c.SHA] = 0
				}
			}
		case m.Changeset != nil:
			for sha := range begun {
				found[sha] = m.Seq
			}
			clear(begun)
		}
	}
	return found, nil
}

// places are the ends of changesets, by commit.
type places map[string]event.Seq

func (p places) findOnly(commit string) (event.Seq, error) {
	if len(p) == 0 {
		return 0, unknownCommit(commit)
	}
	if len(p) > 1 {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(p)) {
			names = append(names, cli.ShortCommit(name))
		}
		return 0, cli.UsageError("--since %s: %d commits begin so (%s); give more of it", commit, len(p), strings.Join(names, ", "))
	}
	return slices.Collect(maps.Values(p))[0], nil
}

func unknownCommit(commit string) error {
	return cli.UsageError("--since %s: no changeset published such a commit, and one that changes no record publishes nothing; give an earlier commit or a time, or look at what netsync events prints", commit)
}
