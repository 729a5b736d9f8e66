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

// archiveFile is one file with everything, for those who want it all.
func archiveFile(dataset string) string { return "data/" + dataset + ".zip" }

// archive packs the manifest and all collections, as JSON and CSV. Where a
// collection comes in parts, those that are not due are taken over from the
// archive of the release before, packed as they are.
func (i *issue) archive(due *due) ([]byte, error) {
	var b bytes.Buffer
	pack := packer{zip.NewWriter(&b), i.packed(due)}
	if err := pack.add(packed("manifest.json", i.manifestFile)); err != nil {
		return nil, err
	}
	for _, c := range schema.Collections() {
		for _, f := range formats {
			if !f.archived {
				continue
			}
			if err := i.packCollection(pack, c, f, due); err != nil {
				return nil, err
			}
		}
	}
	if err := pack.w.Close(); err != nil {
		return nil, fmt.Errorf("pack the archive: %w", err)
	}
	return b.Bytes(), nil
}

func (i *issue) packCollection(pack packer, c schema.Collection, f format, due *due) error {
	if !i.catalog.large(c) {
		return i.packWhole(pack, c, f)
	}
	for bucket := range snapshot.Buckets {
		name := snapshot.PartOf(c, bucket, f.ext)
		if old := pack.old[name]; old != nil && !due.parts[part{c, bucket}] {
			if err := pack.copy(old); err != nil {
				return err
			}
			continue
		}
		err := pack.add(packed(name, func() ([]byte, error) {
			return i.collectionFile(f, c, i.bucketHeading(bucket), i.catalog.lists[partList(c, bucket)])
		}))
		if err != nil {
			return err
		}
	}
	return nil
}

func (i *issue) packWhole(pack packer, c schema.Collection, f format) error {
	name, whole := string(c)+"."+f.ext, i.wholes[c]
	if err := whole.make(); err != nil {
		return err
	}
	if packed := whole.packed[name]; packed != nil {
		return pack.add(packed, nil)
	}
	if old := pack.old[name]; old != nil {
		return pack.copy(old)
	}
	return pack.add(packed(name, func() ([]byte, error) {
		return i.collectionFile(f, c, i.stateHeading(), i.catalog.sorted(c))
	}))
}

// A packedFile is a file as it lies in an archive.
type packedFile struct {
	heading zip.FileHeader
	data    []byte
}

// packed renders a file and packs it.
func packed(name string, render func() ([]byte, error)) (*packedFile, error) {
	data, err := render()
	if err != nil {
		return nil, err
	}
	return packFile(name, data)
}

// zipVersion is that of the format that has folders and deflated files
// (APPNOTE.TXT, 4.4.3).
const zipVersion = 20

func packFile(name string, data []byte) (*packedFile, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	// Without a time, so that the same state gives the same bytes.
	return &packedFile{zip.FileHeader{
		Name: name, Method: zip.Deflate, CreatorVersion: zipVersion, ReaderVersion: zipVersion,
		CRC32: crc32.ChecksumIEEE(data), CompressedSize64: uint64(b.Len()), UncompressedSize64: uint64(len(data)),
	}, b.Bytes()}, nil
}

// A packer writes an archive beside an older one.
type packer struct {
	w   *zip.Writer
	old map[string]*zip.File
}

func (p packer) add(f *packedFile, err error) error {
	if err != nil {
		return err
	}
	heading := f.heading // the writer changes it
	w, err := p.w.CreateRaw(&heading)
	if err == nil {
		_, err = w.Write(f.data)
	}
	if err != nil {
		return fmt.Errorf("pack %s: %w", f.heading.Name, err)
	}
	return nil
}

// copy takes a file over as it is packed in the older archive.
func (p packer) copy(old *zip.File) error {
	if err := p.w.Copy(old); err != nil {
		return fmt.Errorf("pack %s: %w", old.Name, err)
	}
	return nil
}

// packed reads the archive of the release before, where anything may be taken
// over from it.
func (i *issue) packed(due *due) map[string]*zip.File {
	if due.everything || i.before == nil {
		return nil
	}
	data, err := i.before(archiveFile(i.edition.Position.Dataset))
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
