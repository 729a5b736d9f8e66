package target

import (
	"context"
	"crypto/sha1" // Git's own
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// plainFile is the mode of all our files.
const plainFile = "100644"

// noJekyll prevents GitHub Pages from omitting files and rendering others.
const noJekyll = ".nojekyll"

// blobs maps the SHA-256 of contents to object names.
type blobs map[[32]byte]string

// entryOf returns the entry of a file in a tree: mode and object name.
func (b *blobs) entryOf(v view, name string) (string, error) {
	f, inSite := v.Get(name)
	if id, ok := (*b)[f.Sum]; inSite && ok {
		return id, nil
	}
	data, err := v.read(name)
	if err != nil {
		return "", err
	}
	if *b == nil {
		*b = make(blobs)
	}
	id := entryOf(data)
	if inSite {
		(*b)[f.Sum] = id
	}
	return id, nil
}

func entryOf(data []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return plainFile + " " + hex.EncodeToString(h.Sum(nil))
}

// A view is a site as files of a repository.
type view struct{ *Site }

func (v view) listNames() names {
	n := names{noJekyll: true}
	for name := range v.All() {
		n[name] = true
	}
	return n
}

func (v view) read(name string) ([]byte, error) {
	if _, inSite := v.Get(name); !inSite && name == noJekyll {
		return nil, nil
	}
	return v.Read(name)
}

// A store holds commits of a branch.
type store interface {
	// listFiles lists a commit's files below the target's path, by name: mode and
	// object name.
	listFiles(ctx context.Context, tip string) (map[string]string, error)
	// readBlob reads an entry's content.
	readBlob(ctx context.Context, entry string) ([]byte, error)
}

// A tree lists the files of a commit below the target's path.
type tree struct {
	entries map[string]string // by name: mode and object name
	ours    names             // without the index
	foreign bool              // a file of others has the name of the index
	shows   event.Position
}

// readTree reads a commit's tree, which is empty for the commit "".
func readTree(ctx context.Context, st store, tip string) (*tree, error) {
	t := &tree{entries: map[string]string{}, ours: names{}}
	if tip == "" {
		return t, nil
	}
	var err error
	if t.entries, err = st.listFiles(ctx, tip); err != nil {
		return nil, err
	}
	if entry, ok := t.entries[oursFile]; ok {
		data, err := st.readBlob(ctx, entry)
		if err != nil {
			return nil, err
		}
		t.ours, ok = decodeNames(data)
		t.foreign = !ok
	}
	if entry, ok := t.entries[positionFile]; ok {
		data, err := st.readBlob(ctx, entry)
		if err != nil {
			return nil, err
		}
		if json.Unmarshal(data, &t.shows) != nil {
			t.shows = event.Position{} // it is written again
		}
	}
	return t, nil
}

// compare returns the differences of our files in a tree from a site.
func (t *tree) compare(v view, b *blobs) ([]release.Difference, error) {
	var found []release.Difference
	want := v.listNames()
	for name := range want {
		have, is := t.entries[name]
		if !is {
			found = append(found, release.Difference{Kind: release.Missing, Name: name})
			continue
		}
		entry, err := b.entryOf(v, name)
		if err != nil {
			return nil, err
		}
		if entry != have {
			found = append(found, release.Difference{Kind: release.Changed, Name: name})
		}
	}
	for name := range t.ours {
		if _, is := t.entries[name]; is && !want[name] {
			found = append(found, release.Difference{Kind: release.Extra, Name: name})
		}
	}
	slices.SortFunc(found, func(a, b release.Difference) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}
