package newsletter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"netsync/publishers/newsletter/draft"
	"netsync/publishers/release"
)

// Files of a release.
const (
	indexFile = "index.html"
	styleFile = "style.css"
)

// DraftsFolder is the subfolder with the draft of the next digest. It has the
// layout of a release.Dir, and only the user of netsync may read it.
const DraftsFolder = "drafts"

// Files of a draft.
const (
	htmlFile = "next.html"
	textFile = "next.txt"
	jsonFile = "next.json"
)

// keptDrafts is the number of older drafts kept for readers that still use
// them.
const keptDrafts = 1

// openDrafts opens the folder of the drafts, creating it if needed. Its
// permissions do not depend on the umask.
func openDrafts(dir string) (*release.Dir, error) {
	const private = 0o700
	if err := os.Mkdir(dir, private); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Stat(dir)
	if err == nil && info.Mode().Perm() != private {
		err = os.Chmod(dir, private)
	}
	if err != nil {
		return nil, err
	}
	drafts, err := release.Open(dir)
	if err != nil {
		return nil, err
	}
	drafts.Keep = keptDrafts
	return drafts, nil
}

// readDraft reads the current draft. The error is fs.ErrNotExist if there is
// none yet.
func (n *Newsletter) readDraft() (draft.Draft, error) {
	d, _, err := n.openDraft()
	return d, err
}

func (n *Newsletter) openDraft() (d draft.Draft, fsys fs.FS, err error) {
	r, ok := n.drafts.Current()
	if !ok {
		return d, nil, fmt.Errorf("there is no draft yet: %w", fs.ErrNotExist)
	}
	data, err := fs.ReadFile(r.FS(), jsonFile)
	if err != nil {
		return d, nil, fmt.Errorf("read draft: %w", err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, nil, fmt.Errorf("read draft: %w", err)
	}
	return d, r.FS(), nil
}

// freezeDraft returns the content of a draft's messages. The error is errStale
// if the current draft is another one.
func (n *Newsletter) freezeDraft(want draft.Draft) (content, error) {
	d, fsys, err := n.openDraft()
	if err != nil {
		return content{}, err
	}
	if d.FromSequence != want.FromSequence || d.ToSequence != want.ToSequence || d.Note != want.Note {
		return content{}, errStale
	}
	html, err := fs.ReadFile(fsys, htmlFile)
	if err != nil {
		return content{}, fmt.Errorf("read draft: %w", err)
	}
	text, err := fs.ReadFile(fsys, textFile)
	if err != nil {
		return content{}, fmt.Errorf("read draft: %w", err)
	}
	return content{Language: d.Language, ListName: d.ListName, HTML: string(html), Text: string(text), Draft: d}, nil
}

// Preview returns the draft of the next digest in a format: html, text or json.
// The error is fs.ErrNotExist if there is no draft yet.
func (n *Newsletter) Preview(format string) ([]byte, error) {
	name, ok := map[string]string{"html": htmlFile, "text": textFile, "json": jsonFile}[format]
	if !ok {
		return nil, fmt.Errorf("newsletter: there is no format %q; there are html, text and json", format)
	}
	data, err := n.drafts.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("newsletter: read draft: %w", err)
	}
	return data, nil
}

// readPending reads the changes of the current draft. The error is
// fs.ErrNotExist if there are none, or if the file is damaged.
func (n *Newsletter) readPending() (draft.Pending, error) {
	data, err := n.drafts.ReadFile(draft.PendingFile)
	if err != nil {
		return draft.Pending{}, fmt.Errorf("read %s: %w", draft.PendingFile, err)
	}
	return draft.DecodePending(data)
}
