package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// The subscriber of this file is a stranger's: it is written against nats.go
// and the contract alone.

type strangersEvent struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		Collection  string          `json:"collection"`
		ID          string          `json:"id"`
		Digest      *string         `json:"digest"`
		Previous    *string         `json:"previous_digest"`
		Record      json.RawMessage `json:"record"`
		Changeset   string          `json:"changeset"`
		StateDigest string          `json:"state_digest"`
		Events      int             `json:"events"`
	} `json:"data"`
}

// A stranger folds a dataset's stream.
type stranger struct {
	digests map[string]string // collection/id to digest
	seen    map[string]bool   // ids of events
	last    strangersEvent    // changeset
}

func subscribe(t *testing.T, address string) *stranger {
	t.Helper()
	nc, err := nats.Connect("nats://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	info, err := js.StreamInfo("netsync-leiden-networks")
	if err != nil {
		t.Fatal(err)
	}
	sub, err := js.SubscribeSync("netsync.leiden-networks.>", nats.OrderedConsumer())
	if err != nil {
		t.Fatal(err)
	}
	s := &stranger{digests: make(map[string]string), seen: make(map[string]bool)}
	revisions := make(map[string]string)
	for {
		m, err := sub.NextMsg(patience)
		if err != nil {
			t.Fatal(err)
		}
		meta, err := m.Metadata()
		if err != nil {
			t.Fatal(err)
		}
		s.take(t, decode[strangersEvent](t, string(m.Data)), revisions)
		if meta.Sequence.Stream >= info.State.LastSeq {
			return s
		}
	}
}

func (s *stranger) take(t *testing.T, e strangersEvent, revisions map[string]string) {
	if s.seen[e.ID] {
		t.Errorf("event %s came twice", e.ID)
	}
	s.seen[e.ID] = true
	switch {
	case strings.HasPrefix(e.Type, "netsync.record."):
		key := e.Data.Collection + "/" + e.Data.ID
		if e.Data.Digest == nil {
			delete(s.digests, key)
			delete(revisions, key)
			return
		}
		sum := sha256.Sum256(e.Data.Record)
		if got := "sha256:" + hex.EncodeToString(sum[:]); got != *e.Data.Digest {
			t.Errorf("%s has digest %s, not %s", key, got, *e.Data.Digest)
		}
		if revisions[key] == *e.Data.Digest {
			t.Errorf("%s came twice at revision %s", key, *e.Data.Digest)
		}
		revisions[key], s.digests[key] = *e.Data.Digest, *e.Data.Digest
	case e.Type == "netsync.changeset.completed":
		s.last = e
		if got := s.stateDigest(); got != e.Data.StateDigest {
			t.Errorf("changeset %s announces %s, the events give %s", e.Data.Changeset, e.Data.StateDigest, got)
		}
	}
}

// stateDigest computes the digest as the contract describes it.
func (s *stranger) stateDigest() string {
	buckets := make([][]string, 256)
	for key, digest := range s.digests {
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

func TestKillsWhileCommitsArriveLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	d := newDemo(t)
	d.start()
	commits := 100
	if testing.Short() {
		commits = 20
	}
	for i := range commits {
		d.replaceCount(i)
		d.commit(fmt.Sprintf("Count %d", i))
		if random.IntN(5) == 0 {
			// A pause of random length puts the kill anywhere in a pass.
			time.Sleep(time.Duration(random.IntN(1200)) * time.Millisecond)
			d.kill()
			d.start()
		}
	}
	d.waitFor("/data/networks/una-europa.json", fmt.Sprintf(`"count":%d`, 100+commits-1))
	d.verify()
	s := subscribe(t, d.nat)
	type digests struct {
		StateDigest string `json:"state_digest"`
		Changeset   string `json:"changeset"`
	}
	want := digests{s.last.Data.StateDigest, s.last.Data.Changeset}
	if got := decode[digests](t, d.get("/data/networks.json")); got != want {
		t.Errorf("data/networks.json says %+v, the stream %+v", got, want)
	}
	for _, channel := range []string{"website", "feed", "newsletter"} {
		data, err := os.ReadFile(filepath.Join(d.dir, "data", channel, "current", "channel.json"))
		if err != nil {
			t.Fatal(err)
		}
		if got := decode[digests](t, string(data)); got != want {
			t.Errorf("%s shows %+v, the stream says %+v", channel, got, want)
		}
	}
}

// replaceCount gives one of three records a new value, so that passes which
// take in several commits have several records to publish.
func (d *demoProcess) replaceCount(i int) {
	d.t.Helper()
	path := filepath.Join(d.dir, "dataset", "networks", "una-europa.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for n, line := range lines {
		if strings.Contains(line, "count: ") {
			lines[n] = fmt.Sprintf("members: {count: %d}", 100+i)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		d.t.Fatal(err)
	}
	other := fmt.Sprintf("id: extra-%d\nname: Extra %d\nkind: other\nx-round: %d\n", i%3, i%3, i)
	if err := os.WriteFile(filepath.Join(d.dir, "dataset", "organizations", fmt.Sprintf("extra-%d.yaml", i%3)), []byte(other), 0o644); err != nil {
		d.t.Fatal(err)
	}
}
