package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
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

// verifyStream reads the whole stream and checks every event against the ones before
// it: digests, counts, that no revision comes twice, and that each changeset announces
// the state that its events give.
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
		audit.checkMessage(m)
	}
	if err := audit.Err(); err != nil {
		audit.addProblem(last, "%v", err)
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

// An auditor collects everything that is wrong with a stream, also events that come
// twice.
type auditor struct {
	stream.Auditor
	ids      map[string]event.Seq
	problems []string
}

func (a *auditor) addProblem(seq event.Seq, format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf("message %d: ", seq)+fmt.Sprintf(format, args...))
}

func (a *auditor) checkMessage(m stream.Message) {
	if m.IsEvent() {
		if first, doubled := a.ids[m.ID]; doubled {
			a.addProblem(m.Seq, "has the id %s of message %d", m.ID, first)
		}
		a.ids[m.ID] = m.Seq
	}
	if c := m.Change; c != nil && !c.Republished {
		var digest schema.Digest
		if c.Digest != nil {
			digest = *c.Digest
		}
		if digest == a.Current(c.RecordID()) {
			a.addProblem(m.Seq, "%s is published a second time at revision %q", c.RecordID(), digest.Short())
		}
	}
	for _, err := range a.Take(m) {
		a.addProblem(m.Seq, "%v", err)
	}
}

// verifyGit reads the commit of the last changeset and compares its records
// with the folded state.
func verifyGit(ctx context.Context, s *process.Session, fold *event.Fold) (part, error) {
	p := part{Name: "git", OK: true}
	mirror, err := git.Open(ctx, s.GitConfig())
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
	snap, delta, err := snapshot.Read(ctx, mirror.Repository, commit, s.Config.Dataset.Path, validate.Options(day.Noon()))
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

// compareStates compares the records of a commit, those with errors at their last good
// version, with the folded state.
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

// verifyChannel builds a channel in a scratch folder and compares it byte for byte
// with the release that readers see.
func verifyChannel(ctx context.Context, s *process.Session, reader *stream.Reader, name string, want event.Position, scratch string) (part, error) {
	p := part{Name: name}
	channel, err := s.NewChannel(name, s.ChannelDir(name))
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
	if hold, err := holdOf(s, name); err != nil {
		return p, err
	} else if hold != nil && shown != want {
		return verifyHeld(s, p, *hold, shown)
	}
	if shown != want {
		p.Differences = []string{fmt.Sprintf("shows %s, the stream is at %s", orNothing(shown.Changeset), want.Changeset)}
		return p, nil
	}
	fresh, err := s.NewChannel(name, filepath.Join(scratch, name))
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
	found, err := compareReleases(filepath.Join(scratch, name), s.ChannelDir(name))
	if err == nil && name == process.RoleNewsletter {
		var drafts []release.Difference
		drafts, err = compareReleases(filepath.Join(scratch, name, newsletter.DraftsFolder), filepath.Join(s.ChannelDir(name), newsletter.DraftsFolder))
		found = append(found, drafts...)
	}
	if err != nil {
		return p, err
	}
	for _, d := range found {
		p.Differences = append(p.Differences, d.String())
	}
	p.OK = len(found) == 0
	if remade := remadeOf(s, reader, name); remade != nil {
		p.Note = remade.String()
	}
	return p, nil
}

// remadeOf returns the note of a channel that its stream was made again; nil if there
// is none.
func remadeOf(s *process.Session, reader *stream.Reader, name string) *publishers.Remade {
	dir, err := release.Open(s.ChannelDir(name))
	if err != nil {
		return nil
	}
	return publishers.ReadRemade(dir, reader.Epoch().ID)
}

// holdOf returns the hold of a channel: its own, or that of the website,
// which the others follow.
func holdOf(s *process.Session, name string) (*publishers.Hold, error) {
	dir, err := release.Open(s.ChannelDir(name))
	if err != nil {
		return nil, err
	}
	hold, err := publishers.ReadHold(dir)
	if err != nil || hold != nil || name == process.RoleWebsite || !s.Config.Website.Enabled {
		return hold, err
	}
	if hold, err = holdOf(s, process.RoleWebsite); hold != nil {
		hold.Follows = process.RoleWebsite
	}
	return hold, err
}

// verifyHeld compares a channel that is held with the release that was published
// then. A hold is no damage, but the channel does not agree with the stream: readers
// do not see later changes.
func verifyHeld(s *process.Session, p part, hold publishers.Hold, shown event.Position) (part, error) {
	dir, err := release.Open(s.ChannelDir(p.Name))
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
