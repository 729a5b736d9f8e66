package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/publishers"
	"netsync/publishers/newsletter"
	"netsync/publishers/release"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/stream"
	"netsync/worker"
	"netsync/worker/git"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
)

// verifyStream reads the whole stream and holds every event against the ones
// before it: digests, counts, that no revision comes twice, that each changeset
// announces the state that its events give.
func verifyStream(ctx context.Context, reader *stream.Reader) (*event.Fold, event.Seq, part, error) {
	last, err := reader.Whole(ctx)
	if err != nil {
		return nil, 0, part{}, err
	}
	audit := auditor{ids: make(map[string]event.Seq)}
	audit.Fold.Epoch = reader.Epoch().ID
	for m, err := range reader.Replay(ctx, 1, last) {
		if err != nil {
			return nil, 0, part{}, err
		}
		audit.take(m)
	}
	if err := audit.Err(); err != nil {
		audit.problem(last, "%v", err)
	}
	p := part{Name: "stream", OK: len(audit.problems) == 0, Differences: audit.problems}
	p.Note = shared.Plural(int(last), "message")
	if audit.SetAside > 0 {
		p.Note += fmt.Sprintf(", %d of them set aside: they are not events of the dataset", audit.SetAside)
	}
	if earlier := reader.Epoch().Earlier; len(earlier) > 0 {
		p.Note += fmt.Sprintf("; the stream was made again from a backup on %s and shares messages 1 to %d with the one before",
			reader.Epoch().Began().Format(time.DateTime+" UTC"), earlier[0].Shared)
	}
	return &audit.Fold, last, p, nil
}

// An auditor tells all that is wrong with a stream, also that something is said
// twice.
type auditor struct {
	stream.Auditor
	ids      map[string]event.Seq
	problems []string
}

func (a *auditor) problem(seq event.Seq, format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf("message %d: ", seq)+fmt.Sprintf(format, args...))
}

func (a *auditor) take(m stream.Message) {
	if m.IsEvent() {
		if first, doubled := a.ids[m.ID]; doubled {
			a.problem(m.Seq, "has the id %s of message %d", m.ID, first)
		}
		a.ids[m.ID] = m.Seq
	}
	if c := m.Change; c != nil && !c.Republished {
		var digest schema.Digest
		if c.Digest != nil {
			digest = *c.Digest
		}
		if digest == a.Current(c.RecordID()) {
			a.problem(m.Seq, "%s is published a second time at revision %q", c.RecordID(), digest.Short())
		}
	}
	for _, err := range a.Take(m) {
		a.problem(m.Seq, "%v", err)
	}
}

// verifyGit reads the commit of the last changeset and compares its records
// with the folded state.
func (s *session) verifyGit(ctx context.Context, fold *event.Fold) (part, error) {
	p := part{Name: "git", OK: true}
	mirror, err := git.Open(ctx, s.git())
	if err != nil {
		return p, err
	}
	defer mirror.Close()
	commit := git.CommitID(fold.Changeset.Commit)
	has, err := mirror.Has(ctx, commit)
	if err == nil && !has {
		err = mirror.Fetch(ctx, commit)
	}
	if err != nil {
		return p, err
	}
	day, err := schema.ParseDay(fold.Changeset.AsOf)
	if err != nil {
		return p, fmt.Errorf("changeset %s: %w", fold.Changeset.ID, err)
	}
	snap, delta, err := snapshot.Read(ctx, mirror.Repository, commit, s.cfg.Dataset.Path, validate.Options(day.Noon()))
	if err != nil {
		return p, err
	}
	if snap.Manifest == nil {
		p.OK, p.Differences = false, []string{fmt.Sprintf("commit %s has no manifest that can be read", commit)}
		return p, nil
	}
	if _, err := snap.Rederive(day); err != nil {
		return p, err
	}
	var checker validate.Checker
	q, err := worker.NewQuarantine(snap, checker.Check(snap, delta), fold.State.Stored)
	if err != nil {
		return p, err
	}
	p.Differences = compareStates(snap, q, &fold.State)
	p.OK = len(p.Differences) == 0
	p.Note = "commit " + cli.ShortCommit(string(commit))
	if held := q.Held(); len(held) > 0 {
		p.Note += fmt.Sprintf(", %s held at the last good version because of errors", shared.Plural(len(held), "record"))
	}
	if tip, err := mirror.Tip(ctx); err == nil && tip != commit {
		p.Note += ", the branch is at " + cli.ShortCommit(string(tip))
	}
	return p, nil
}

// compareStates holds the records of a commit, those with errors at their last
// good version, against the folded state.
func compareStates(snap *snapshot.Snapshot, q *worker.Quarantine, state *schema.State) []string {
	var differences []string
	for _, id := range snap.IDs() {
		record, published := q.Get(id), state.Stored(id)
		switch {
		case record.IsZero() && published.IsZero():
		case record.IsZero():
			differences = append(differences, fmt.Sprintf("%s cannot be read in Git", id))
		case published.IsZero():
			differences = append(differences, fmt.Sprintf("%s is in Git and not in the stream", id))
		case record.Digest() != published.Digest():
			differences = append(differences, fmt.Sprintf("%s is %s in Git and %s in the stream", id, record.Digest().Short(), published.Digest().Short()))
		}
	}
	for _, record := range state.Sorted("") {
		if len(snap.PathsOf(record.ID)) == 0 && !q.Holds(record.ID) {
			differences = append(differences, fmt.Sprintf("%s is in the stream and not in Git", record.ID))
		}
	}
	return differences
}

// verifyChannel builds the channel anew in a scratch folder and compares it
// with what readers see, byte for byte.
func (s *session) verifyChannel(ctx context.Context, reader *stream.Reader, name string, want event.Position, scratch string) (part, error) {
	p := part{Name: name}
	channel, err := s.channel(name, s.dir(name))
	if err != nil {
		return p, err
	}
	shown, err := channel.Position(ctx)
	if err != nil {
		return p, err
	}
	if _, same := reader.Same(shown); !same {
		p.Differences = []string{publishers.RemadeOf(reader, shown).String() + "; netsync run, or netsync rebuild " + name + ", builds it from the present stream"}
		return p, nil
	}
	want.Epoch, reader = shown.Epoch, reader.As(shown.Epoch)
	if hold, err := s.holdOf(name); err != nil {
		return p, err
	} else if hold != nil && shown != want {
		return s.verifyHeld(p, *hold, shown)
	}
	if shown != want {
		p.Differences = []string{fmt.Sprintf("shows %s, the stream is at %s", orNothing(shown.Changeset), want.Changeset)}
		return p, nil
	}
	fresh, err := s.channel(name, filepath.Join(scratch, name))
	if err != nil {
		return p, err
	}
	_, err = publishers.Build(ctx, fresh, reader, want.Sequence)
	if errors.Is(err, stream.ErrNoAsset) {
		p.Differences = []string{fmt.Sprintf("cannot be built: %v", err)}
		return p, nil
	}
	if err != nil {
		return p, err
	}
	found, err := compareReleases(filepath.Join(scratch, name), s.dir(name))
	if err == nil && name == roleNewsletter {
		var drafts []release.Difference
		drafts, err = compareReleases(filepath.Join(scratch, name, newsletter.DraftsFolder), filepath.Join(s.dir(name), newsletter.DraftsFolder))
		found = append(found, drafts...)
	}
	if err != nil {
		return p, err
	}
	for _, d := range found {
		p.Differences = append(p.Differences, d.String())
	}
	p.OK = len(found) == 0
	if remade := s.remadeOf(reader, name); remade != nil {
		p.Note = remade.String()
	}
	return p, nil
}

// remadeOf returns what a channel noted of a stream that was made again; nil
// where it noted nothing.
func (s *session) remadeOf(reader *stream.Reader, name string) *publishers.Remade {
	dir, err := release.Open(s.dir(name))
	if err != nil {
		return nil
	}
	return publishers.ReadRemade(dir, reader.Epoch().ID)
}

// holdOf returns what holds a channel: its own hold, or that of the website,
// which the others follow.
func (s *session) holdOf(name string) (*publishers.Hold, error) {
	dir, err := release.Open(s.dir(name))
	if err != nil {
		return nil, err
	}
	hold, err := publishers.ReadHold(dir)
	if err != nil || hold != nil || name == roleWebsite || !s.cfg.Website.Enabled {
		return hold, err
	}
	if hold, err = s.holdOf(roleWebsite); hold != nil {
		hold.Follows = roleWebsite
	}
	return hold, err
}

// verifyHeld holds a channel that is held against what was published there
// then. It is no damage, but it does not agree with the stream: readers do not
// see what was published since.
func (s *session) verifyHeld(p part, hold publishers.Hold, shown event.Position) (part, error) {
	dir, err := release.Open(s.dir(p.Name))
	if err != nil {
		return p, err
	}
	p.Held = &hold
	found, err := dir.Check()
	if err != nil {
		return p, err
	}
	for _, d := range found {
		p.Differences = append(p.Differences, d.String())
	}
	p.Note = fmt.Sprintf("at %s; netsync rollback %s --resume lets it go on", orNothing(shown.Changeset), cmp.Or(hold.Follows, p.Name))
	return p, nil
}

func compareReleases(want, have string) ([]release.Difference, error) {
	fresh, err := filepath.EvalSymlinks(filepath.Join(want, "current"))
	if err != nil {
		return nil, err
	}
	shown, err := filepath.EvalSymlinks(filepath.Join(have, "current"))
	if errors.Is(err, os.ErrNotExist) {
		return []release.Difference{{Kind: release.Missing, Name: "current"}}, nil
	}
	if err != nil {
		return nil, err
	}
	return release.Compare(os.DirFS(fresh), os.DirFS(shown))
}

func orNothing(changeset string) string {
	if changeset == "" {
		return "nothing"
	}
	return changeset
}
