package chaos

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Verdict is what the judge found in a stream.
type Verdict struct {
	Events, Changesets int
	Changeset          string // the last one
	StateDigest        string // of the last one
	Problems           []string
}

// maxProblems is how many a verdict lists: one mistake brings many.
const maxProblems = 20

// Judge reads the whole stream and holds it against the commits that were
// made. The last changeset must show the state of the last commit.
func Judge(ctx context.Context, nc *nats.Conn, d *Dataset) (Verdict, error) {
	j := newJudge(d.Commits)
	if err := j.read(ctx, nc); err != nil {
		return Verdict{}, fmt.Errorf("judge the stream: %w", err)
	}
	if j.open > 0 {
		j.problem("%d events at the end belong to no changeset", j.open)
	}
	if got, want := j.state, d.Tip().State; !maps.Equal(got, want) {
		j.problem("the stream ends with a state that is not the tip's: %s", difference(got, want))
	}
	return j.Verdict, nil
}

// A judge folds the stream in its own way.
type judge struct {
	Verdict
	commits map[string]State
	ids     map[string]uint64 // of every event
	state   State             // with changes that no changeset completed yet
	digests map[string]string
	records map[string]json.RawMessage
	logos   map[string]*logo
	removed map[string]bool
	open    int // changes since the last changeset
	seq     uint64
}

func newJudge(commits []Commit) *judge {
	j := &judge{
		commits: make(map[string]State), ids: make(map[string]uint64), state: make(State),
		digests: make(map[string]string), records: make(map[string]json.RawMessage), removed: make(map[string]bool),
		logos: make(map[string]*logo),
	}
	for _, c := range commits {
		j.commits[c.SHA] = c.State
	}
	return j
}

func (j *judge) problem(format string, args ...any) {
	if len(j.Problems) < maxProblems {
		j.Problems = append(j.Problems, fmt.Sprintf("message %d: ", j.seq)+fmt.Sprintf(format, args...))
	}
}

func (j *judge) read(ctx context.Context, nc *nats.Conn) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	s, err := asked(ctx, func(ctx context.Context) (jetstream.Stream, error) { return js.Stream(ctx, "netsync-"+ID) })
	if err != nil {
		return err
	}
	last := s.CachedInfo().State.LastSeq
	consumer, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	for j.seq < last {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Stream != j.seq+1 {
			j.problem("a gap: message %d comes next", meta.Sequence.Stream)
		}
		j.seq = meta.Sequence.Stream
		if err := j.take(m.Data()); err != nil {
			return fmt.Errorf("message %d: %w", j.seq, err)
		}
	}
	return j.images(ctx, js)
}

// A message is what the contract says of an event, as far as it is judged.
type message struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		Collection, ID, Op string
		Digest             *string
		PreviousDigest     *string `json:"previous_digest"`
		Record, Previous   json.RawMessage
		Commits            []struct{ SHA string }
		Republished        bool
		Changeset          string

		Commit      string
		Events      int
		Records     int
		StateDigest string `json:"state_digest"`
	} `json:"data"`
}

func (j *judge) take(data []byte) error {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	if first, doubled := j.ids[m.ID]; doubled {
		j.problem("has the id %s of message %d", m.ID, first)
	}
	j.ids[m.ID] = j.seq
	switch {
	case strings.HasPrefix(m.Type, "netsync.record."):
		j.Events++
		j.open++
		return j.change(m)
	case m.Type == "netsync.changeset.completed":
		j.Changesets++
		j.changeset(m)
		j.open = 0
	}
	return nil
}

// change takes in one record's event.
func (j *judge) change(m message) error {
	key := m.Data.Collection + "/" + m.Data.ID
	if m.Type != "netsync.record."+m.Data.Op {
		j.problem("%s has the type %s and the op %s", key, m.Type, m.Data.Op)
	}
	if want := j.op(key, m.Data.Digest); m.Data.Op != want {
		j.problem("%s is %s, not %s", key, m.Data.Op, want)
	}
	if was := text(m.Data.PreviousDigest); was != j.digests[key] {
		j.problem("%s follows %q, but was at %q", key, was, j.digests[key])
	}
	if !bytes.Equal(bytes.TrimPrefix(m.Data.Previous, []byte("null")), j.records[key]) {
		j.problem("%s has another previous record than the one before", key)
	}
	for _, commit := range m.Data.Commits {
		if _, ok := j.commits[commit.SHA]; !ok {
			j.problem("%s names a commit %s that was never made", key, commit.SHA)
		}
	}
	if m.Data.Digest == nil {
		delete(j.state, key)
		delete(j.digests, key)
		delete(j.records, key)
		delete(j.logos, key)
		j.removed[key] = true
		return nil
	}
	sum := sha256.Sum256(m.Data.Record)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if digest != *m.Data.Digest {
		j.problem("%s says digest %s and has %s", key, *m.Data.Digest, digest)
	}
	if digest == j.digests[key] && !m.Data.Republished {
		j.problem("%s comes a second time at %s", key, digest)
	}
	var record struct {
		Name  map[string]string `json:"name"`
		Round int               `json:"x-round"`
		Logo  *logo             `json:"logo"`
	}
	if err := json.Unmarshal(m.Data.Record, &record); err != nil {
		return err
	}
	j.digests[key], j.records[key] = digest, m.Data.Record
	j.state[key], j.logos[key] = revision(record.Name["en"], record.Round), record.Logo
	if record.Logo != nil {
		j.state[key] += imagePart + fmt.Sprint(record.Logo.Width)
	}
	return nil
}

// op is what the contract calls a change that leads to a digest.
func (j *judge) op(key string, digest *string) string {
	switch {
	case digest == nil:
		return "removed"
	case j.digests[key] != "":
		return "updated"
	case j.removed[key]:
		return "restored"
	}
	return "created"
}

// changeset holds the folded state against the commit that is named.
func (j *judge) changeset(m message) {
	j.Changeset, j.StateDigest = m.Data.Changeset, m.Data.StateDigest
	if m.Data.Events != j.open {
		j.problem("changeset %s announces %d events, %d came", m.Data.Changeset, m.Data.Events, j.open)
	}
	if m.Data.Records != len(j.state) {
		j.problem("changeset %s announces %d records, there are %d", m.Data.Changeset, m.Data.Records, len(j.state))
	}
	want, ok := j.commits[m.Data.Commit]
	switch {
	case !ok:
		j.problem("changeset %s names a commit that was never made", m.Data.Changeset)
	case !maps.Equal(j.state, want):
		j.problem("changeset %s is not the state of its commit: %s", m.Data.Changeset, difference(j.state, want))
	}
	if got := stateDigest(j.digests); got != m.Data.StateDigest {
		j.problem("changeset %s announces %s, the events give %s", m.Data.Changeset, m.Data.StateDigest, got)
	}
}

// stateDigest computes the digest as the contract describes it.
func stateDigest(digests map[string]string) string {
	buckets := make([][]string, 256)
	for key, digest := range digests {
		first := sha256.Sum256([]byte(key))
		buckets[first[0]] = append(buckets[first[0]], key+" "+digest+"\n")
	}
	var all strings.Builder
	for i, lines := range buckets {
		slices.Sort(lines)
		sum := sha256.Sum256([]byte(strings.Join(lines, "")))
		fmt.Fprintf(&all, "%02x %s\n", i, hex.EncodeToString(sum[:]))
	}
	sum := sha256.Sum256([]byte(all.String()))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// difference tells a few records in which two states differ.
func difference(got, want State) string {
	var all []string
	for key := range want {
		if got[key] != want[key] {
			all = append(all, fmt.Sprintf("%s is %q, not %q", key, got[key], want[key]))
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			all = append(all, fmt.Sprintf("%s is %q and should not be there", key, got[key]))
		}
	}
	slices.Sort(all)
	return fmt.Sprintf("%d differ: %s", len(all), strings.Join(all[:min(3, len(all))], "; "))
}
