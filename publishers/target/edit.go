package target

import (
	"context"
	"errors"
	"slices"

	"netsync/schema/event"
)

// An edit is the change of a tree by a push.
type edit struct {
	plan
	view    view
	index   []byte         // new content of our index; nil if it stays
	tip     string         // the parent commit; "" if there is none
	from    event.Position // the position that it shows
	message Message
}

func (e *edit) isEmpty() bool { return len(e.write)+len(e.remove) == 0 && e.index == nil }

// makeEdit returns the changes from a tip to a site.
func (k *known) makeEdit(ctx context.Context, st store, tip string, s *Site) (*edit, error) {
	e := &edit{view: view{s}, tip: tip}
	if tip != "" && tip == k.tip {
		e.compareSite(k.site)
		return e, nil
	}
	t, err := readTree(ctx, st, tip)
	if err != nil {
		return nil, err
	}
	e.from = t.shows
	return e, e.compareTree(t, &k.blobs)
}

// compareTree adds the differences of the site from a tree.
func (e *edit) compareTree(t *tree, b *blobs) error {
	if t.foreign {
		return &ForeignError{Names: []string{oursFile}}
	}
	want := e.view.listNames()
	var err error
	e.plan, err = planOf(want, t.entries, t.ours, func(name string) (bool, error) {
		entry, err := b.entryOf(e.view, name)
		return entry == t.entries[name], err
	})
	if err != nil {
		return err
	}
	if index := want.encode(); t.entries[oursFile] != entryOf(index) {
		e.index = index
	}
	return nil
}

// compareSite adds the differences of the site from the one that is shown.
func (e *edit) compareSite(shown *Site) {
	e.from = shown.Position
	renamed := false
	for name := range e.view.ChangedSince(shown) {
		if _, is := e.view.Get(name); is {
			e.write = append(e.write, name)
		} else {
			e.remove = append(e.remove, name)
		}
		_, was := shown.Get(name)
		renamed = renamed || !was
	}
	slices.Sort(e.write)
	slices.Sort(e.remove)
	if renamed || len(e.remove) > 0 {
		e.index = e.view.listNames().encode()
	}
}

// eachFile calls do with each file to write.
func (e *edit) eachFile(do func(name string, data []byte) error) error {
	for _, name := range e.write {
		data, err := e.view.read(name)
		if err == nil {
			err = do(name, data)
		}
		if err != nil {
			return err
		}
	}
	if e.index == nil {
		return nil
	}
	return do(oursFile, e.index)
}

// wrapConflict adds the target to an error about files in the way.
func wrapConflict(address string, err error) error {
	var foreign *ForeignError
	if errors.As(err, &foreign) {
		foreign.Address = address
	}
	return err
}
