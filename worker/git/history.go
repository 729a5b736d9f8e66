package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxWalk is the number of commits that are read one by one. One git log is cheaper for
// more.
const maxWalk = 64

// walk is Log for a short and plain history: commits with at most one parent and
// messages without trailers. ok is false for any other, which git must read.
func (r *Repository) walk(ctx context.Context, from, to CommitID, folder string) (touches []Touch, ok bool, err error) {
	for id, n := to, 0; id != from; n++ {
		c, plain, err := r.readPlain(ctx, id)
		if err != nil || !plain || n == maxWalk || c.parent == "" && from != "" {
			return nil, false, err
		}
		changes, err := r.Diff(ctx, c.parent, id, folder)
		if errors.Is(err, ErrMissing) { // the history is cut off there
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		touch := Touch{Commit: c.Commit}
		for _, change := range changes {
			touch.Paths = append(touch.Paths, change.Path)
		}
		if folder == "" || len(touch.Paths) > 0 {
			touches = append(touches, touch)
		}
		id = c.parent
	}
	return touches, true, nil
}

// A plainCommit is a commit that this package can decode.
type plainCommit struct {
	Commit
	parent CommitID // "" for a first commit
}

// readPlain reads a commit; ok is false if it is not plain.
func (r *Repository) readPlain(ctx context.Context, id CommitID) (c plainCommit, ok bool, err error) {
	found, err := r.readRecent(ctx, maxPlain, ObjectID(id))
	if unlessReported(err) != nil {
		return c, false, fmt.Errorf("read commit %w", err)
	}
	if err != nil || found[0].kind != "commit" {
		return c, false, nil // git says what is wrong with it
	}
	c, ok = parsePlain(found[0].data)
	c.ID = id
	return c, ok, nil
}

// maxPlain is the maximum size of a plain commit in bytes.
const maxPlain = 64 << 10

// ident is the author or committer of a commit in its usual form.
var ident = regexp.MustCompile(`^([^<>\s](?:[^<>]*[^<>\s])?) <[^<>]*> ([0-9]{1,11}) [+-][0-9]{4}$`)

// parsePlain parses a commit object. ok is false for everything that git interprets:
// encodings, several parents, unusual names, subjects of several lines, and possible
// trailers.
func parsePlain(data []byte) (c plainCommit, ok bool) {
	head, message, cut := bytes.Cut(data, []byte("\n\n"))
	if !cut || bytes.IndexByte(data, 0) >= 0 {
		return c, false
	}
	var author, committer []string
	for line := range strings.SplitSeq(string(head), "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "parent":
			if c.parent != "" {
				return c, false
			}
			c.parent = CommitID(value)
		case "author":
			author = ident.FindStringSubmatch(value)
		case "committer":
			committer = ident.FindStringSubmatch(value)
		case "encoding":
			return c, false
		}
	}
	if author == nil || committer == nil || (c.parent != "" && !c.parent.Valid()) {
		return c, false
	}
	c.Author, c.Time = cutText(toUTF8([]byte(author[1])), maxAuthor), commitTime(committer[2])
	c.Trailers = make(map[string][]string)
	c.Subject, ok = plainSubject(toUTF8(message))
	c.Subject = cutText(c.Subject, maxSubject)
	return c, ok
}

// plainSubject returns the first line of a message; ok is false if the subject continues, or
// if a trailer may follow.
func plainSubject(message string) (subject string, ok bool) {
	paragraphs := strings.Split(strings.TrimRight(message, "\n"), "\n\n")
	subject = paragraphs[0]
	if subject == "" || strings.ContainsAny(subject, "\n\r\t\v\f") || strings.TrimSpace(subject) != subject {
		return "", false
	}
	last := paragraphs[len(paragraphs)-1]
	trailer := len(paragraphs) > 1 && strings.Contains(last, ":")
	odd := slices.ContainsFunc(paragraphs, func(p string) bool { return strings.HasPrefix(p, "\n") || strings.TrimSpace(p) == "" })
	return subject, !trailer && !odd
}
