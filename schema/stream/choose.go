package stream

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/event"
)

// ChosenKey is in the metadata of a stream that an operator requested although
// the dataset had another one. Its value is the time (RFC 3339).
const ChosenKey = "netsync.chosen"

// A Candidate is a dataset's stream among several on one broker.
type Candidate struct {
	Dataset    string
	Created    time.Time
	Messages   uint64
	Changesets uint64
	Chosen     time.Time // when an operator requested it, or zero
}

// OnlyImport reports whether the stream has at most one changeset, an import.
func (c Candidate) OnlyImport() bool { return c.Changesets <= 1 }

// Candidates returns the datasets' streams of a broker, sorted by dataset.
func Candidates(ctx context.Context, js jetstream.JetStream) ([]Candidate, error) {
	datasets, err := Datasets(ctx, js)
	if err != nil {
		return nil, err
	}
	var all []Candidate
	for _, dataset := range datasets {
		s, err := Find(ctx, js, dataset)
		if err != nil {
			return nil, err
		}
		subject := event.ChangesetSubject(dataset)
		info, err := s.Info(ctx, jetstream.WithSubjectFilter(subject))
		if err != nil {
			return nil, fmt.Errorf("look at stream %s: %w", Name(dataset), err)
		}
		c := Candidate{Dataset: dataset, Created: info.Created, Messages: info.State.Msgs, Changesets: info.State.Subjects[subject]}
		if text, ok := info.Config.Metadata[ChosenKey]; ok {
			if c.Chosen, err = time.Parse(time.RFC3339Nano, text); err != nil {
				return nil, fmt.Errorf("stream %s: metadata %s: %w", Name(dataset), ChosenKey, err)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// A SeveralError reports that a broker has several datasets and no reason to
// prefer one.
type SeveralError struct{ Datasets []string }

func (e *SeveralError) Error() string {
	return fmt.Sprintf("the broker holds several datasets (%s): set dataset.id to one of them, "+
		"or remove one that holds nothing but an import with netsync streams remove", strings.Join(e.Datasets, ", "))
}

// Choose returns the stream that an installation uses, and why: the one that an
// operator requested last or, if none was requested, the only one with more
// than an import. The error is ErrNoStream if there is none, and a
// *SeveralError if Choose cannot decide.
func Choose(all []Candidate) (chosen Candidate, why string, err error) {
	switch len(all) {
	case 0:
		return Candidate{}, "", ErrNoStream
	case 1:
		return all[0], "it is the only one", nil
	}
	latest := slices.MaxFunc(all, func(a, b Candidate) int { return a.Chosen.Compare(b.Chosen) })
	if !latest.Chosen.IsZero() {
		return latest, "netsync sync --new-dataset asked for it at " + latest.Chosen.UTC().Format(time.RFC3339), nil
	}
	grown := slices.DeleteFunc(slices.Clone(all), Candidate.OnlyImport)
	if len(grown) == 1 {
		return grown[0], "the others hold nothing but an import", nil
	}
	several := &SeveralError{}
	for _, c := range all {
		several.Datasets = append(several.Datasets, c.Dataset)
	}
	return Candidate{}, "", several
}
