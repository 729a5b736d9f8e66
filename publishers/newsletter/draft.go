package newsletter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// Files of a release.
const (
	indexFile = "index.html"
	styleFile = "style.css"
)

// DraftsFolder is the folder in the newsletter's that has the draft of the next
// digest. It is laid out as a release.Dir, and only the user who runs netsync may
// read it.
const DraftsFolder = "drafts"

// Files of a draft.
const (
	htmlFile = "next.html"
	textFile = "next.txt"
	jsonFile = "next.json"
)

// keptDrafts is how many drafts stay beside the current one, for readers that are
// still at it.
const keptDrafts = 1

// openDrafts opens the folder of the drafts, creating it if needed. Its permissions
// are the same whatever the umask is.
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

// A readDraft is the next digest as it would be sent now, and all that its messages
// are made of. All of it is plain text without control characters but line ends
// in the note.
type draft struct {
	Dataset      string    `json:"dataset"`
	Language     string    `json:"language"`
	Languages    []string  `json:"languages"` // of the dataset
	Home         string    `json:"home"`      // address of the website's overview, with a slash at its end
	ListName     string    `json:"list_name"` // the dataset's title
	Subject      string    `json:"subject"`
	FromSequence event.Seq `json:"from_sequence"` // the changeset event that it begins after
	ToSequence   event.Seq `json:"to_sequence"`   // the last one that is in it
	Changeset    string    `json:"changeset"`
	Epoch        string    `json:"epoch,omitempty"` // of the stream in which the sequences count
	Empty        bool      `json:"empty"`
	Note         string    `json:"note"`   // of an editor, in CommonMark; "" where there is none
	Period       string    `json:"period"` // the days of the changes
	Sections     []section `json:"sections"`
	More         int       `json:"more"` // items that are left out for length
}

// A section is a heading and what belongs below it.
type section struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Items []item `json:"items"`
}

// An item is what happened to one record or, in bulk, to many.
type item struct {
	Sentence    string       `json:"sentence"`
	URL         string       `json:"url"`
	Summary     string       `json:"summary,omitempty"` // of a record that is new
	Differences []difference `json:"differences"`
	Omitted     int          `json:"differences_omitted,omitempty"` // for length
	Commits     []commit     `json:"commits"`
	Told        bool         `json:"told,omitempty"` // the sentence tells the only difference already

	name  string
	count int // changes that it stands for, in the subject
	isNew bool
}

// A difference is one value that changed.
type difference struct {
	Label string `json:"label"`
	Old   string `json:"old"` // "" where there was none
	New   string `json:"new"` // "" where there is none now
}

// A commit is one line about a commit.
type commit struct {
	SHA     string `json:"sha"`
	Author  string `json:"author"`
	Day     string `json:"day"`
	Subject string `json:"subject"`
}

// Shown are the differences that the messages show.
func (i item) Shown() []difference {
	if i.Told {
		return nil
	}
	return i.Differences
}

// readDraft reads the current draft. The error is
// fs.ErrNotExist where there is none yet.
func (n *Newsletter) readDraft() (draft, error) {
	d, _, err := n.openDraft()
	return d, err
}

func (n *Newsletter) openDraft() (d draft, fsys fs.FS, err error) {
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

// freezeDraft reads what the messages of a draft say. Where the folder has moved
// on meanwhile, that is errStale.
func (n *Newsletter) freezeDraft(want draft) (content, error) {
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

// Preview returns the draft of the next digest in a format: html, text or
// json. The error is fs.ErrNotExist where there is no draft yet.
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
