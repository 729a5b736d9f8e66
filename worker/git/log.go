package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Touch is a commit and the files that it changed.
type Touch struct {
	Commit
	Paths []string // relative to the folder that was asked for
}

// logFormat begins each commit with a mark and ends its fields with NUL, as git ends the
// names of files. A name may begin with the mark as well; with --raw, git writes a field that
// begins with a colon before it.
//
// A message may be of any size: git pads and cuts the name to 404 columns and the subject to
// 604, enough for maxAuthor and maxSubject wide characters and the dots that replace the
// rest.
const logFormat = "%x01%H%x00%<(404,trunc)%an%x00%ct%x00%<(604,trunc)%s%x00%(trailers:only,unfold)%x00"

// Maximum lengths of kept fields of a commit, in characters.
const (
	maxSubject = 300
	maxAuthor  = 200
	maxTrailer = 500 // of one value
)

// Log returns the commits that are in one commit's history and not in another's ("" means
// none), newest first, each with the files below a folder that it changed. For a merge,
// these are the files that differ from all its parents: the commits of its branches have the
// others. The error is ErrMissing if the other commit is not in the repository.
func (r *Repository) Log(ctx context.Context, from, to CommitID, folder string) ([]Touch, error) {
	revs := string(to)
	if from != "" {
		revs = string(from) + ".." + string(to)
	}
	if !to.Valid() || (from != "" && !from.Valid()) {
		return nil, fmt.Errorf("read log: %q is not a range of commits", revs)
	}
	folder = strings.Trim(folder, "/")
	if touches, ok, err := r.walk(ctx, from, to, folder); ok || err != nil {
		return touches, err
	}
	if from != "" {
		has, err := r.Has(ctx, from)
		if err == nil && !has {
			err = fmt.Errorf("commit %s: %w", from, ErrMissing)
		}
		if err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
	}
	args := []string{"log", "-z", "--format=" + logFormat, "--raw", "--no-renames", "--diff-merges=combined",
		"--root", "--no-show-signature", "--end-of-options", revs, "--"}
	if folder != "" {
		args = append(args, ":(literal)"+folder)
	}
	out, err := runGit(ctx, r.dir, args...)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return parseLog(out, folder)
}

// HasTrailer reports whether one of the commits that are in one commit's history and not in
// another's has a trailer with a value. If the other one is "", it reads the last commit
// only.
func (r *Repository) HasTrailer(ctx context.Context, from, to CommitID, token, value string) (bool, error) {
	if !to.Valid() || (from != "" && !from.Valid()) {
		return false, fmt.Errorf("read trailers: %q is not a range of commits", string(from)+".."+string(to))
	}
	args := []string{"log", "-z", "--no-patch", "--format=" + logFormat, "--no-show-signature"}
	revs := string(from) + ".." + string(to)
	if from == "" || from == to {
		revs = string(to)
		args = append(args, "-1")
	}
	out, err := runGit(ctx, r.dir, append(args, "--end-of-options", revs, "--")...)
	if err != nil {
		return false, fmt.Errorf("read trailers: %w", err)
	}
	touches, err := parseLog(out, "")
	return slices.ContainsFunc(touches, func(t Touch) bool { return slices.Contains(t.Trailers[token], value) }), err
}

// Commit returns one commit.
func (r *Repository) Commit(ctx context.Context, id CommitID) (Commit, error) {
	if !id.Valid() {
		return Commit{}, fmt.Errorf("%q is not a commit", id)
	}
	if c, ok, err := r.readPlain(ctx, id); ok || err != nil {
		return c.Commit, err
	}
	out, err := runGit(ctx, r.dir, "log", "-z", "-1", "--no-patch", "--format="+logFormat, "--no-show-signature", "--end-of-options", string(id), "--")
	if err != nil {
		return Commit{}, fmt.Errorf("read commit %s: %w", id, err)
	}
	touches, err := parseLog(out, "")
	if err != nil || len(touches) != 1 {
		return Commit{}, fmt.Errorf("read commit %s: %w", id, errors.Join(err, errLog))
	}
	return touches[0].Commit, nil
}

var errLog = errors.New("git's answer cannot be read")

// parseLog parses the output of git log.
func parseLog(out []byte, folder string) ([]Touch, error) {
	var touches []Touch
	for len(out) > 0 {
		head, rest, ok := bytes.Cut(out, []byte{0})
		switch head = bytes.TrimPrefix(head, []byte("\n")); {
		case len(head) == 0 && ok: // before the files of a merge
			out = rest
		case len(head) > 0 && head[0] == ':' && len(touches) > 0:
			name, after, ok := bytes.Cut(rest, []byte{0})
			if !ok || len(name) == 0 {
				return nil, errLog
			}
			last := &touches[len(touches)-1]
			last.Paths = append(last.Paths, relativePath(string(name), folder))
			out = after
		default:
			commit, after, err := parseCommit(out)
			if err != nil {
				return nil, err
			}
			touches = append(touches, Touch{Commit: commit})
			out = after
		}
	}
	return touches, nil
}

// parseCommit parses and removes the fields of the first commit.
func parseCommit(out []byte) (Commit, []byte, error) {
	out, begins := bytes.CutPrefix(out, []byte{1})
	fields := bytes.SplitN(out, []byte{0}, 6)
	if !begins || len(fields) < 6 || !CommitID(fields[0]).Valid() {
		return Commit{}, nil, errLog
	}
	return Commit{
		ID:       CommitID(fields[0]),
		Author:   cutText(strings.TrimRight(toUTF8(fields[1]), " "), maxAuthor),
		Time:     commitTime(string(fields[2])),
		Subject:  cutText(strings.TrimRight(toUTF8(fields[3]), " "), maxSubject),
		Trailers: parseTrailers(toUTF8(fields[4])),
	}, fields[5], nil
}

// commitTime parses seconds since 1970. For a damaged commit git writes nothing, or a number
// beyond all calendars; commitTime returns 1970 for these, as git does, so that its files can
// be read.
func commitTime(text string) time.Time {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds >= 1<<37 { // the year 6325
		seconds = 0
	}
	return time.Unix(seconds, 0).UTC()
}

func relativePath(name, folder string) string {
	if folder == "" {
		return name
	}
	return strings.TrimPrefix(name, folder+"/")
}

// toUTF8 returns the text of a commit, which may have any encoding, as UTF-8.
func toUTF8(text []byte) string { return strings.ToValidUTF8(string(text), "\uFFFD") }

// cutText returns the first n characters of a text.
func cutText(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

func parseTrailers(text string) map[string][]string {
	trailers := make(map[string][]string)
	for line := range strings.Lines(text) {
		if token, value, ok := strings.Cut(line, ":"); ok {
			token = strings.TrimSpace(token)
			trailers[token] = append(trailers[token], cutText(strings.TrimSpace(value), maxTrailer))
		}
	}
	return trailers
}
