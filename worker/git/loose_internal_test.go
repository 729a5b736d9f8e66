package git

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // it is how git names objects
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// looseFile is a loose object's file that says what it should.
func looseFile(tb testing.TB, text []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func nameOf(text []byte) ObjectID {
	sum := sha1.Sum(text) //nolint:gosec // it is how git names objects
	return ObjectID(hex.EncodeToString(sum[:]))
}

func TestOnlySoundLooseObjectsAreRead(t *testing.T) {
	t.Parallel()
	text := []byte("blob 5\x00hello")
	sound := looseFile(t, text)
	flipped := bytes.Clone(sound)
	flipped[len(flipped)-1] ^= 1 // of the stream's checksum
	for _, c := range []struct {
		name    string
		file    []byte
		id      ObjectID
		limit   int64
		want    string
		ok      bool
		tooMany int64 // bytes
	}{
		{name: "sound", file: sound, id: nameOf(text), want: "hello", ok: true},
		{name: "as large as may be", file: sound, id: nameOf(text), limit: 5, want: "hello", ok: true},
		{name: "too large", file: sound, id: nameOf(text), limit: 4, ok: true, tooMany: 5},
		{name: "empty file", id: nameOf(text)},
		{name: "cut off", file: sound[:len(sound)-6], id: nameOf(text)},
		{name: "checksum", file: flipped, id: nameOf(text)},
		{name: "not compressed", file: text, id: nameOf(text)},
		{name: "another object", file: sound, id: nameOf([]byte("blob 1\x00x"))},
		{name: "longer than it says", file: looseFile(t, []byte("blob 4\x00hello")), id: nameOf([]byte("blob 4\x00hell"))},
		{name: "shorter than it says", file: looseFile(t, []byte("blob 6\x00hello")), id: nameOf([]byte("blob 6\x00hello"))},
		{name: "negative size", file: looseFile(t, []byte("blob -1\x00")), id: nameOf([]byte("blob -1\x00"))},
		{name: "no header", file: looseFile(t, []byte("hello")), id: nameOf([]byte("hello"))},
		{name: "not an object's name", file: sound, id: "../../x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			nowhere, folder := t.TempDir(), t.TempDir()
			if c.id.Valid() {
				file := filepath.Join(folder, string(c.id[:2]), string(c.id[2:]))
				if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o755), os.WriteFile(file, c.file, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			o, ok, err := loose([]string{nowhere, folder}, c.id, c.limit)
			var large *ErrTooLarge
			if errors.As(err, &large) != (c.tooMany > 0) || (large == nil && err != nil) || (large != nil && large.Size != c.tooMany) {
				t.Fatalf("loose() = %v", err)
			}
			if ok != c.ok || string(o.data) != c.want || ok && o.kind != "blob" {
				t.Errorf("loose() = %q, %q, %t, want %q, %t", o.kind, o.data, ok, c.want, c.ok)
			}
		})
	}
}

// FuzzReadLoose: whatever a loose object's file says, only what has the name
// that was asked for comes out of it.
func FuzzReadLoose(f *testing.F) {
	f.Add([]byte("blob 5\x00hello"), []byte("x"))
	f.Add([]byte("tree 0\x00"), []byte("\x78\x9c"))
	f.Add([]byte("commit 99999999999\x00"), []byte(""))
	f.Add([]byte("blob  1\x00a"), []byte(""))
	f.Fuzz(func(t *testing.T, text, raw []byte) {
		id := nameOf(text)
		if o, ok, _ := readLoose(bytes.NewReader(raw), id, 0); ok && nameOf(fmt.Appendf(nil, "%s %d\x00%s", o.kind, len(o.data), o.data)) != id {
			t.Errorf("%q gives %q", raw, o.data)
		}
		o, ok, err := readLoose(bytes.NewReader(looseFile(t, text)), id, 0)
		if ok && (err != nil || string(fmt.Appendf(nil, "%s %d\x00%s", o.kind, len(o.data), o.data)) != string(text)) {
			t.Errorf("%q is read as %q %q, %v", text, o.kind, o.data, err)
		}
	})
}
