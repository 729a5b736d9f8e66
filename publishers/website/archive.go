package website

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"

	"netsync/publishers/snapshot"
	"netsync/schema"
)

// archiveFile returns the path of the archive of all data.
func archiveFile(dataset string) string { return "data/" + dataset + ".zip" }

// buildArchive packs the manifest and all collections, as JSON and CSV. Parts
// of a collection that are not stale are copied, still compressed, from the
// archive of the previous release.
func (b *build) buildArchive(stale *staleSet) ([]byte, error) {
	var buf bytes.Buffer
	pack := packer{zip.NewWriter(&buf), b.readOldArchive(stale)}
	if err := pack.add(renderPacked("manifest.json", b.manifestFile)); err != nil {
		return nil, err
	}
	for _, c := range schema.Collections() {
		for _, f := range formats {
			if !f.isArchived {
				continue
			}
			if err := b.packCollection(pack, c, f, stale); err != nil {
				return nil, err
			}
		}
	}
	if err := pack.w.Close(); err != nil {
		return nil, fmt.Errorf("pack the archive: %w", err)
	}
	return buf.Bytes(), nil
}

func (b *build) packCollection(pack packer, c schema.Collection, f format, stale *staleSet) error {
	if !b.catalog.isSplit(c) {
		return b.packWhole(pack, c, f)
	}
	for bucket := range snapshot.Buckets {
		name := snapshot.PartOf(c, bucket, f.ext)
		if old := pack.previous[name]; old != nil && !stale.parts[part{c, bucket}] {
			if err := pack.copy(old); err != nil {
				return err
			}
			continue
		}
		err := pack.add(renderPacked(name, func() ([]byte, error) {
			return b.collectionFile(f, c, b.bucketHeading(bucket), b.catalog.lists[partList(c, bucket)])
		}))
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *build) packWhole(pack packer, c schema.Collection, f format) error {
	name, whole := string(c)+"."+f.ext, b.wholeFiles[c]
	if err := whole.render(); err != nil {
		return err
	}
	if packed := whole.packedFiles[name]; packed != nil {
		return pack.add(packed, nil)
	}
	if old := pack.previous[name]; old != nil {
		return pack.copy(old)
	}
	return pack.add(renderPacked(name, func() ([]byte, error) {
		return b.collectionFile(f, c, b.stateHeading(), b.catalog.cardsByID(c))
	}))
}

// A packedFile is a compressed file.
type packedFile struct {
	heading zip.FileHeader
	data    []byte
}

// renderPacked renders a file and compresses it.
func renderPacked(name string, render func() ([]byte, error)) (*packedFile, error) {
	data, err := render()
	if err != nil {
		return nil, err
	}
	return packFile(name, data)
}

// zipVersion is the version with folders and deflate (APPNOTE.TXT, 4.4.3).
const zipVersion = 20

func packFile(name string, data []byte) (*packedFile, error) {
	var buf bytes.Buffer
	w, err := flate.NewWriter(&buf, flate.DefaultCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	// Without a time, so the same state gives the same bytes.
	return &packedFile{zip.FileHeader{
		Name: name, Method: zip.Deflate, CreatorVersion: zipVersion, ReaderVersion: zipVersion,
		CRC32: crc32.ChecksumIEEE(data), CompressedSize64: uint64(buf.Len()), UncompressedSize64: uint64(len(data)),
	}, buf.Bytes()}, nil
}

// A packer writes an archive. It can copy files of the previous one.
type packer struct {
	w        *zip.Writer
	previous map[string]*zip.File
}

func (p packer) add(f *packedFile, err error) error {
	if err != nil {
		return err
	}
	heading := f.heading // a copy, since the writer modifies it
	w, err := p.w.CreateRaw(&heading)
	if err == nil {
		_, err = w.Write(f.data)
	}
	if err != nil {
		return fmt.Errorf("pack %s: %w", f.heading.Name, err)
	}
	return nil
}

// copy copies a compressed file of the previous archive.
func (p packer) copy(old *zip.File) error {
	if err := p.w.Copy(old); err != nil {
		return fmt.Errorf("pack %s: %w", old.Name, err)
	}
	return nil
}

// readOldArchive returns the files in the archive of the previous release, or
// nil if none can be reused.
func (b *build) readOldArchive(stale *staleSet) map[string]*zip.File {
	if stale.everything || b.readPrevious == nil {
		return nil
	}
	data, err := b.readPrevious(archiveFile(b.edition.Position.Dataset))
	if err != nil {
		return nil
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	files := make(map[string]*zip.File, len(r.File))
	for _, f := range r.File {
		files[f.Name] = f
	}
	return files
}
