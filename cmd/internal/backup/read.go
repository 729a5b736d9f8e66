package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"path"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// ErrEncrypted reports that reading an archive needs a key.
var ErrEncrypted = errors.New("the backup is encrypted; give the key file with --key-file")

// sealedPrefix begins a file encrypted by age.
const sealedPrefix = "age-encryption.org/"

// maxJSON is the maximum size of a JSON entry of an archive.
const maxJSON = 16 << 20

// A visitor is called with each stream of an archive. It need not read the
// whole snapshot.
type visitor func(name string, s setup, snapshot io.Reader) error

// read reads a whole archive and compares it with its manifest. visit may be nil.
func read(r io.Reader, identities []age.Identity, visit visitor) (m Manifest, err error) {
	plain, err := newDecrypter(bufio.NewReaderSize(r, 1<<20), identities)
	if err != nil {
		return m, err
	}
	zip, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return m, damageError("%v", err)
	}
	defer zip.Close()
	a := &archive{tar: tar.NewReader(zip)}
	if err := a.nextEntry(); err != nil {
		return m, err
	}
	if a.head.Name != headerName {
		return m, damageError("it does not begin with %s", headerName)
	}
	var header Header
	if err := a.decode(&header); err != nil {
		return m, err
	}
	if err := header.check(); err != nil {
		return m, err
	}
	found, err := a.readStreams(visit)
	if err != nil {
		return m, err
	}
	if err := a.decode(&m); err != nil {
		return m, err
	}
	if err := m.checkAgainst(header, found); err != nil {
		return m, err
	}
	// Reading to the end verifies the age and zstd checksums.
	if _, err := io.Copy(io.Discard, zip); err != nil {
		return m, damageError("%v", err)
	}
	return m, nil
}

func newDecrypter(r *bufio.Reader, identities []age.Identity) (io.Reader, error) {
	begin, err := r.Peek(len(sealedPrefix))
	if err != nil || string(begin) != sealedPrefix {
		return r, nil
	}
	if len(identities) == 0 {
		return nil, ErrEncrypted
	}
	plain, err := age.Decrypt(r, identities...)
	if none := (*age.NoIdentityMatchError)(nil); errors.As(err, &none) {
		return nil, errors.New("the backup is encrypted to another key than that of --key-file")
	}
	if err != nil {
		return nil, damageError("%v", err)
	}
	return plain, nil
}

// checkAgainst compares a manifest with the streams that were read before it.
func (m Manifest) checkAgainst(h Header, found []Stream) error {
	if m.Header != h || len(m.Streams) != len(found) {
		return damageError("its manifest is of another one")
	}
	for i, s := range m.Streams {
		if s.Name != found[i].Name || s.Bytes != found[i].Bytes || s.SHA256 != found[i].SHA256 {
			return damageError("the snapshot of %s is not what the manifest says", s.Name)
		}
	}
	return nil
}

// archive is the state of reading an archive.
type archive struct {
	tar  *tar.Reader
	head *tar.Header
}

func (a *archive) nextEntry() error {
	head, err := a.tar.Next()
	if errors.Is(err, io.EOF) {
		return damageError("it ends before its manifest")
	}
	if err != nil {
		return damageError("%v", err)
	}
	a.head = head
	return nil
}

func (a *archive) decode(value any) error {
	data, err := io.ReadAll(io.LimitReader(a.tar, maxJSON))
	if err != nil {
		return damageError("%s: %v", a.head.Name, err)
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(value); err != nil {
		return damageError("%s: %v", a.head.Name, err)
	}
	return nil
}

// readStreams reads the archive up to the manifest.
func (a *archive) readStreams(visit visitor) (found []Stream, err error) {
	if err := a.nextEntry(); err != nil {
		return nil, err
	}
	for a.head.Name != manifestName {
		dir, file := path.Split(a.head.Name)
		name := strings.TrimSuffix(strings.TrimPrefix(dir, streamsDir+"/"), "/")
		if file != setupName || name == "" {
			return nil, damageError("%q is no place for an entry", a.head.Name)
		}
		var s setup
		if err := a.decode(&s); err != nil {
			return nil, err
		}
		snapshot := &snapshotReader{archive: a, prefix: dir, sum: sha256.New()}
		if err := a.nextEntry(); err != nil {
			return nil, err
		}
		if visit != nil {
			if err := visit(name, s, snapshot); err != nil {
				return nil, err
			}
		}
		if _, err := io.Copy(io.Discard, snapshot); err != nil {
			return nil, err
		}
		found = append(found, Stream{Name: name, Bytes: snapshot.size, SHA256: hex.EncodeToString(snapshot.sum.Sum(nil))})
	}
	return found, nil
}

// snapshotReader reads the parts of one stream.
type snapshotReader struct {
	archive *archive
	prefix  string
	sum     hash.Hash
	size    int64
}

func (r *snapshotReader) Read(p []byte) (int, error) {
	for {
		if file, ok := strings.CutPrefix(r.archive.head.Name, r.prefix); !ok || file == setupName {
			return 0, io.EOF // another stream's, or the manifest
		}
		n, err := r.archive.tar.Read(p)
		r.sum.Write(p[:n])
		r.size += int64(n)
		if errors.Is(err, io.EOF) {
			err = r.archive.nextEntry()
		} else if err != nil {
			err = damageError("%s: %v", r.archive.head.Name, err)
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}
