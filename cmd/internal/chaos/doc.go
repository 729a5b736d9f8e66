// Package chaos is for tests that disturb netsync while it works. It makes a
// dataset whose content is known at every commit, and judges the stream that
// came of it: whether a change was lost, doubled or published in part.
//
// The judge is written against the contract, encoding/json and nats.go. It
// shares no code with the worker, nor with what reads the stream elsewhere, so
// that one mistake cannot hide another.
package chaos

import "fmt"

// ID is the id of the dataset.
const ID = "chaos"

// A State is what a commit says: for each record (organizations/<id>) the text
// that tells its revisions apart.
type State map[string]string

// A Commit is one state of the dataset.
type Commit struct {
	SHA   string
	State State
}

// revision is how a record's content is told in a State.
func revision(name string, round int) string { return fmt.Sprintf("%s, round %d", name, round) }
