package process

import (
	"context"
	"fmt"

	"netsync/publishers/target"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/story"
	"netsync/schema/stream"
)

// maxLines is how many changes a message lists.
const maxLines = 200

// explainPush returns the message of a push: the changes of the stream between the
// position that a target shows and the one that it will show.
func (p builder) explainPush(ctx context.Context, from, to event.Position) (target.Message, error) {
	reader, err := p.OpenStream(ctx)
	if err != nil {
		return target.Message{}, err
	}
	if from.Dataset != to.Dataset || from.Sequence > to.Sequence {
		from = event.Position{} // of another stream
	}
	after := from.Sequence
	if from.Sequence == to.Sequence || from.Sequence == 0 {
		after = to.Sequence - 1 // the changeset event alone
	}
	a := changeSummary{}
	for m, err := range reader.Replay(ctx, after+1, to.Sequence) {
		if err != nil {
			return target.Message{}, err
		}
		if err := a.addMessage(m); err != nil {
			return target.Message{}, err
		}
	}
	return a.buildMessage(from, to), nil
}

// A changeSummary is the changes of a part of the stream.
type changeSummary struct {
	last    stream.Message // the last changeset event
	teller  story.Describer
	changes []*event.Change // the first of them
	count   int
}

func (a *changeSummary) addMessage(m stream.Message) error {
	switch {
	case m.Change != nil && !m.Change.Republished:
		if a.count++; len(a.changes) < maxLines {
			a.changes = append(a.changes, m.Change)
		}
	case m.Changeset != nil:
		manifest, err := schema.DecodeManifest(m.Changeset.Manifest)
		if err != nil {
			return fmt.Errorf("changeset %s: %w", m.Changeset.ID, err)
		}
		a.last, a.teller = m, story.Describer{Manifest: manifest, State: &schema.State{}}
	}
	return nil
}

func (a *changeSummary) buildMessage(from, to event.Position) target.Message {
	m := target.Message{Time: a.last.Time}
	if a.last.Changeset == nil {
		m.Subject = "Show changeset " + to.Changeset
		return m
	}
	switch {
	case from.Sequence == 0:
		m.Subject = fmt.Sprintf("Publish %s", shared.Plural(a.last.Changeset.Records, "record"))
		return m
	case from == to:
		m.Subject = "Update pages and feeds"
		return m
	case a.count == 1:
		m.Subject = a.teller.Sentence(a.changes[0])
	default:
		m.Subject = shared.Plural(a.count, "record") + " changed"
	}
	for _, c := range a.changes {
		m.Body = append(m.Body, a.teller.Sentence(c))
	}
	if more := a.count - len(a.changes); more > 0 {
		m.Body = append(m.Body, fmt.Sprintf("and %d more", more))
	}
	return m
}
