package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker/diff"
	"netsync/worker/git"
	"netsync/worker/snapshot"
)

// Commit trailers that control how a commit's changes are published.
const (
	trailerBulk         = "Netsync-Bulk"
	trailerSignificance = "Netsync-Significance"
)

// commitsByRecord returns a function that returns the commits that touched a
// record since the last changeset.
func (w *Worker) commitsByRecord(ctx context.Context, tip git.CommitID) (func(schema.RecordID) []diff.Commit, error) {
	var from git.CommitID
	if w.fold.Changeset != nil {
		from = git.CommitID(w.fold.Changeset.Commit)
	}
	commits, err := Commits(ctx, w.mirror.Repository, from, tip, w.Path, w.snap.ShownBy)
	if from != "" && errors.Is(err, git.ErrMissing) { // the repository no longer has it
		return Commits(ctx, w.mirror.Repository, "", tip, w.Path, w.snap.ShownBy)
	}
	return commits, err
}

// Commits returns a function that returns the commits between from and to that
// touched a record or its image, newest first. With an empty from it returns
// the newest only. If a record changed without a commit that touched it,
// because the branch was moved back or the manifest changed, it returns the
// last commit. If from equals to, because only the day changed, it returns
// none.
func Commits(ctx context.Context, r *git.Repository, from, to git.CommitID, folder string, shownBy func(image string) []schema.RecordID) (func(schema.RecordID) []diff.Commit, error) {
	if from == to {
		return func(schema.RecordID) []diff.Commit { return nil }, nil
	}
	touches, err := r.Log(ctx, from, to, folder)
	if err != nil {
		return nil, fmt.Errorf("read the commits up to %s: %w", to, err)
	}
	newest, err := r.Commit(ctx, to)
	if err != nil {
		return nil, err
	}
	byRecord := groupByRecord(touches, from == "", shownBy)
	last := []diff.Commit{publicCommit(newest)}
	return func(id schema.RecordID) []diff.Commit {
		if found := byRecord[id]; len(found) > 0 {
			return found
		}
		return last
	}, nil
}

func groupByRecord(touches []git.Touch, newestOnly bool, shownBy func(image string) []schema.RecordID) map[schema.RecordID][]diff.Commit {
	commits := make(map[schema.RecordID][]diff.Commit)
	for _, touch := range touches {
		commit := publicCommit(touch.Commit)
		first := []diff.Commit{commit} // shared by most records of a commit
		addTo := func(id schema.RecordID) {
			known := commits[id]
			if newestOnly && len(known) > 0 {
				return
			}
			switch {
			case len(known) == 0:
				commits[id] = first
			case known[len(known)-1].SHA != commit.SHA: // a moved file has two paths
				commits[id] = append(known, commit)
			}
		}
		for _, path := range touch.Paths {
			if id, ok := snapshot.Classify(path); ok {
				addTo(id)
				continue
			}
			for _, id := range shownBy(path) {
				addTo(id)
			}
		}
	}
	return commits
}

// lastCommit returns the commit of the last changeset, or "" if there is none
// or the repository no longer has it.
func (w *Worker) lastCommit(ctx context.Context) (git.CommitID, error) {
	if w.fold.Changeset == nil {
		return "", nil
	}
	last := git.CommitID(w.fold.Changeset.Commit)
	has, err := w.mirror.Has(ctx, last)
	if err != nil || !has {
		return "", err
	}
	return last, nil
}

func publicCommit(c git.Commit) diff.Commit {
	return diff.Commit{
		Commit:  event.Commit{SHA: string(c.ID), Author: c.Author, Time: c.Time.UTC(), Subject: c.Subject},
		Bulk:    slices.Contains(c.Trailers[trailerBulk], "true"),
		Trivial: slices.Contains(c.Trailers[trailerSignificance], string(event.Trivial)),
	}
}
