// Package draft composes the next digest: it keeps the changes since the last one
// ([Pending]), describes their net effect in the words of a language ([Composer]), and
// renders the result ([Draft]) as pages and messages ([Page]). It sends nothing, and
// depends on its input only.
package draft

import "netsync/schema/event"

// A Draft is the next digest in its present state, with all data of its
// messages. All of it is plain text without control characters, except line
// ends in the note.
type Draft struct {
	Dataset      string    `json:"dataset"`
	Language     string    `json:"language"`
	Languages    []string  `json:"languages"` // of the dataset
	Home         string    `json:"home"`      // URL of the website's overview, with a trailing slash
	ListName     string    `json:"list_name"` // the dataset's title
	Subject      string    `json:"subject"`
	FromSequence event.Seq `json:"from_sequence"` // the changeset event after which it begins
	ToSequence   event.Seq `json:"to_sequence"`   // the last changeset event in it
	Changeset    string    `json:"changeset"`
	Epoch        string    `json:"epoch,omitempty"` // of the stream of the sequences
	Empty        bool      `json:"empty"`
	Note         string    `json:"note"`   // of an editor, in CommonMark; may be ""
	Period       string    `json:"period"` // the days of the changes
	Sections     []Section `json:"sections"`
	More         int       `json:"more"` // number of items omitted for length
}

// A Section is a heading with items.
type Section struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Items []Item `json:"items"`
}

// An Item describes the changes of one record or, in bulk, of many.
type Item struct {
	Sentence    string       `json:"sentence"`
	URL         string       `json:"url"`
	Summary     string       `json:"summary,omitempty"` // of a new record
	Differences []Difference `json:"differences"`
	Omitted     int          `json:"differences_omitted,omitempty"` // number omitted for length
	Commits     []Commit     `json:"commits"`
	InSentence  bool         `json:"told,omitempty"` // the sentence contains the only difference

	name  string
	count int // changes that it counts as in the subject
	isNew bool
}

// A Difference is a changed value.
type Difference struct {
	Label string `json:"label"`
	Old   string `json:"old"` // "" if there was none
	New   string `json:"new"` // "" if there is none now
}

// A Commit is the line about a commit.
type Commit struct {
	SHA     string `json:"sha"`
	Author  string `json:"author"`
	Day     string `json:"day"`
	Subject string `json:"subject"`
}

// Shown returns the differences that the messages show.
func (i Item) Shown() []Difference {
	if i.InSentence {
		return nil
	}
	return i.Differences
}
