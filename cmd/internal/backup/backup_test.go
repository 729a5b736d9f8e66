package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/newsletter/subscribers"
	"netsync/publishers/publishertest"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// A system is a broker with a dataset that has a subscriber.
type system struct {
	js      jetstream.JetStream
	history *publishertest.History
	list    *subscribers.List
}

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{js: streamtest.JetStream(t)}
	s.history = publishertest.NewHistory(t, s.js)
	s.history.Commit(true, record(1))
	s.history.Commit(false, record(2))
	list, err := subscribers.Open(t.Context(), s.js, publishertest.Dataset)
	if err != nil {
		t.Fatal(err)
	}
	s.list = list
	s.subscribe(t, "ada@example.org")
	return s
}

func record(members int) publishertest.Revision {
	return publishertest.Revision{ID: "networks/leru", Value: map[string]any{
		"name": "LERU", "tier": "key", "kind": "alliance", "purposes": []any{"advocacy"}, "members": map[string]any{"count": members}}}
}

func (s *system) subscribe(t *testing.T, address string) {
	t.Helper()
	if _, _, err := s.list.Put(t.Context(), subscribers.Subscriber{Address: address, Confirmed: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
}

func (s *system) leave(t *testing.T, address string) {
	t.Helper()
	if ok, err := s.list.Remove(t.Context(), s.list.ID(address), time.Now()); err != nil || !ok {
		t.Fatal(ok, err)
	}
}

func (s *system) source(to ...age.Recipient) Source {
	return Source{Conn: s.js.Conn(), JetStream: s.js, Program: "test", Recipients: to, Now: time.Now}
}

func target(t *testing.T, with ...age.Identity) Target {
	t.Helper()
	js := streamtest.JetStream(t)
	return Target{Conn: js.Conn(), JetStream: js, Identities: with, Now: time.Now}
}

// A message is the content and metadata of a stream's message.
type message struct {
	Seq     uint64
	Subject string
	Header  map[string][]string
	Data    string
	Time    time.Time
}

func messages(t *testing.T, js jetstream.JetStream, name string) (all []message) {
	t.Helper()
	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= s.CachedInfo().State.LastSeq; seq++ {
		m, err := s.GetMsg(t.Context(), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, message{m.Sequence, m.Subject, m.Header, string(m.Data), m.Time})
	}
	return all
}

func newKey(t *testing.T) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func restoreBackup(t *testing.T, to Target, p Place, name string) Restored {
	t.Helper()
	r, err := to.Restore(t.Context(), p, name)
	if err == nil {
		err = to.Commit(t.Context(), r.Manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARestoredStreamIsTheSameInANewEpoch(t *testing.T) {
	t.Parallel()
	from, key, place := newSystem(t), newKey(t), folder(t.TempDir())
	token := from.list.Token(subscribers.Unsubscribe, from.list.ID("ada@example.org"))
	m, kept, err := from.source(key.Recipient()).Create(t.Context(), place, "")
	if err != nil {
		t.Fatal(err)
	}
	if last := from.history.Commit(false, record(3)); m.Sequence != last.Sequence-2 || len(m.Streams) != 2 || m.StateDigest == "" {
		t.Errorf("%+v", m)
	}
	to := target(t, key)
	r := restoreBackup(t, to, place, kept.Name)
	for _, s := range m.Streams {
		want := slices.DeleteFunc(messages(t, from.js, s.Name), func(m message) bool { return m.Seq > s.Last })
		got := slices.DeleteFunc(messages(t, to.JetStream, s.Name), func(m message) bool { return m.Seq > s.Last })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", s.Name, diff)
		}
	}
	reader, err := stream.Open(t.Context(), to.JetStream, publishertest.Dataset)
	if err != nil {
		t.Fatal(err)
	}
	epoch := reader.Epoch()
	if epoch.ID == m.Epoch.ID || epoch.ID != r.Epoch.ID || !epoch.Has(m.Epoch.ID, m.Sequence) || epoch.Has(m.Epoch.ID, m.Sequence+1) {
		t.Errorf("the epoch %+v of a stream that was restored up to %d from %+v", epoch, m.Sequence, m.Epoch)
	}
	// The secret was restored, so links in earlier mail work.
	list, ok, err := subscribers.Find(t.Context(), to.JetStream, publishertest.Dataset)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if id, err := list.Read(subscribers.Unsubscribe, token, time.Now()); err != nil || id != list.ID("ada@example.org") {
		t.Errorf("a link from before the backup: %q, %v", id, err)
	}
	var exists *ExistsError
	if _, err := to.Restore(t.Context(), place, kept.Name); !errors.As(err, &exists) {
		t.Errorf("a second restore: %v", err)
	}
}

func TestWhoWasErasedDoesNotComeBack(t *testing.T) {
	t.Parallel()
	from, place := newSystem(t), folder(t.TempDir())
	for _, address := range []string{"left@example.org", "back@example.org", "before@example.org"} {
		from.subscribe(t, address)
	}
	from.leave(t, "before@example.org")
	_, kept, err := from.source().Create(t.Context(), place, "")
	if err != nil {
		t.Fatal(err)
	}
	from.leave(t, "left@example.org")
	from.leave(t, "back@example.org")
	from.subscribe(t, "back@example.org")
	if err := KeepErased(t.Context(), from.js, place, publishertest.Dataset); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(string(place), erasedName(publishertest.Dataset)))
	if err != nil || bytes.Contains(data, []byte("@")) || bytes.Contains(data, []byte("left")) {
		t.Errorf("the list of who was erased: %s, %v", data, err)
	}
	to := target(t)
	if r := restoreBackup(t, to, place, kept.Name); r.Erased != 1 {
		t.Errorf("%d were erased", r.Erased)
	}
	list, _, err := subscribers.Find(t.Context(), to.JetStream, publishertest.Dataset)
	if err != nil {
		t.Fatal(err)
	}
	var back []string
	for s, err := range list.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, s.Address)
	}
	slices.Sort(back)
	if want := []string{"ada@example.org", "back@example.org"}; !slices.Equal(back, want) {
		t.Errorf("%q came back, want %q", back, want)
	}
}

func TestARestoreThatIsCutOffIsBegunAgain(t *testing.T) {
	t.Parallel()
	from, place := newSystem(t), folder(t.TempDir())
	_, kept, err := from.source().Create(t.Context(), place, "")
	if err != nil {
		t.Fatal(err)
	}
	to := target(t)
	if _, err := to.Restore(t.Context(), place, kept.Name); err != nil { // and not committed
		t.Fatal(err)
	}
	if _, err := stream.Open(t.Context(), to.JetStream, publishertest.Dataset); !errors.Is(err, stream.ErrRestoring) {
		t.Errorf("a stream whose restore has not finished: %v", err)
	}
	restoreBackup(t, to, place, kept.Name)
	if _, err := stream.Open(t.Context(), to.JetStream, publishertest.Dataset); err != nil {
		t.Error(err)
	}
}

func TestADamagedArchiveIsRefused(t *testing.T) {
	t.Parallel()
	from, key, place := newSystem(t), newKey(t), folder(t.TempDir())
	for name, recipients := range map[string][]age.Recipient{"plain": nil, "sealed": {key.Recipient()}} {
		if _, _, err := from.source(recipients...).Create(t.Context(), place, name); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(filepath.Join(string(place), name))
		if err != nil {
			t.Fatal(err)
		}
		good, err := Verify(t.Context(), place, name, []age.Identity{key})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/60 {
			changed := bytes.Clone(whole)
			changed[at] ^= 0x10
			for what, data := range map[string][]byte{"cut": whole[:at], "flipped": changed} {
				m, err := read(bytes.NewReader(data), []age.Identity{key}, nil)
				// Some bits of a zstd frame have no meaning: the content is the
				// same.
				if err == nil && !reflect.DeepEqual(m, good) {
					t.Errorf("%s %s at %d of %d is taken: %+v", name, what, at, len(whole), m)
				}
			}
		}
	}
}

func TestABackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	place := folder(t.TempDir())
	wrong := errors.New("wrong")
	_, err := place.Put(t.Context(), "name", func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		return errors.Join(err, wrong)
	})
	if !errors.Is(err, wrong) {
		t.Error(err)
	}
	if all, err := os.ReadDir(string(place)); err != nil || len(all) > 0 {
		t.Errorf("%v, %v", all, err)
	}
}

func TestTheNewestStay(t *testing.T) {
	t.Parallel()
	place := folder(t.TempDir())
	begin := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	put := func(name string) {
		t.Helper()
		if _, err := place.Put(context.Background(), name, func(io.Writer) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for day := range 5 {
		put(nameOf("x", begin.AddDate(0, 0, day), day%2 == 0))
	}
	others := []string{erasedName("x"), nameOf("x-y", begin, true), "netsync-x-notes.tar.zst.age"}
	for _, name := range others {
		put(name)
	}
	if err := Prune(t.Context(), place, "x", 2); err != nil {
		t.Fatal(err)
	}
	left, err := Archives(t.Context(), place, "x")
	if err != nil || len(left) != 2 || !left[0].Began.Equal(begin.AddDate(0, 0, 4)) || !left[1].Began.Equal(begin.AddDate(0, 0, 3)) {
		t.Errorf("%+v, %v", left, err)
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(string(place), name)); err != nil {
			t.Error(err)
		}
	}
}
