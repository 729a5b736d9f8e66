package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Names in an archive.
const (
	headerName   = "netsync.json"
	manifestName = "manifest.json"
	streamsDir   = "streams"
	setupName    = "stream.json"
)

// partSize is the maximum size of an entry: tar needs sizes in advance.
const partSize = 4 << 20

// A writer writes an archive.
type writer struct {
	tar   *tar.Writer
	outer []io.Closer // the writers below tar, the innermost first
	at    time.Time
}

// newWriter begins an archive, encrypted if there are recipients.
func newWriter(w io.Writer, recipients []age.Recipient, at time.Time) (*writer, error) {
	out := &writer{at: at}
	if len(recipients) > 0 {
		sealed, err := age.Encrypt(w, recipients...)
		if err != nil {
			return nil, fmt.Errorf("encrypt the backup: %w", err)
		}
		out.outer = append(out.outer, sealed)
		w = sealed
	}
	zip, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("compress the backup: %w", err)
	}
	out.outer = append([]io.Closer{zip}, out.outer...)
	out.tar = tar.NewWriter(zip)
	return out, nil
}

func (w *writer) writeJSON(name string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	return w.writeEntry(name, append(data, '\n'))
}

func (w *writer) writeEntry(name string, data []byte) error {
	h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: w.at}
	err := w.tar.WriteHeader(h)
	if err == nil {
		_, err = w.tar.Write(data)
	}
	return err
}

// Close ends the archive. It does not close the underlying writer.
func (w *writer) Close() error {
	err := w.tar.Close()
	for _, c := range w.outer {
		err = errors.Join(err, c.Close())
	}
	return err
}

// parts writes the snapshot of one stream.
type parts struct {
	archive *writer
	name    string
	sum     hash.Hash
	size    int64
	part    int
	pending []byte
}

func (w *writer) addStream(name string, s setup) (*parts, error) {
	return &parts{archive: w, name: name, sum: sha256.New()}, w.writeJSON(path.Join(streamsDir, name, setupName), s)
}

func (p *parts) Write(data []byte) (int, error) {
	p.sum.Write(data)
	p.size += int64(len(data))
	p.pending = append(p.pending, data...)
	if len(p.pending) < partSize {
		return len(data), nil
	}
	return len(data), p.flush()
}

func (p *parts) flush() error {
	if len(p.pending) == 0 {
		return nil
	}
	p.part++
	err := p.archive.writeEntry(path.Join(streamsDir, p.name, fmt.Sprintf("%06d", p.part)), p.pending)
	p.pending = p.pending[:0]
	return err
}

func (p *parts) hexDigest() string { return hex.EncodeToString(p.sum.Sum(nil)) }
