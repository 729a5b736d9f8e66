// Package git reads Git repositories through git's plumbing commands: a bare
// mirror of a repository elsewhere, or one on this machine. It never checks out files and
// never runs a hook.
package git

import (
	"encoding/hex"
	"time"
)

// A CommitID is a commit's object name: 40 hexadecimal digits, or 64 in a
// SHA-256 repository.
type CommitID string

// An ObjectID is the object name of a blob or tree.
type ObjectID string

// Valid reports whether the id is well-formed.
func (c CommitID) Valid() bool { return validHex(string(c)) }

// Valid reports whether the id is well-formed.
func (o ObjectID) Valid() bool { return validHex(string(o)) }

func validHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && (len(s) == 40 || len(s) == 64)
}

// A Commit holds the metadata of a commit.
type Commit struct {
	ID       CommitID
	Author   string              // name, without the address
	Time     time.Time           // of the committer
	Subject  string              // first paragraph of the message, on one line
	Trailers map[string][]string // by token, as written
}
