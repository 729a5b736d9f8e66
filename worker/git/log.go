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

// logFormat begins each commit with a mark that no file name holds: the fields
// end with NUL, as the names do.
const logFormat = "%x01%H%x00%an%x00%ct%x00%s%x00%(trailers:only,unfold)%x00"

// Log returns the commits that are in one commit's history and not in
// another's ("" stands for none), newest first, each with the files below a
// folder that it changed. Of a merge, those count that differ from all its
// parents; what came in by its branches is told by their own commits.
func (r *Repository) Log(ctx context.Context, from, to CommitID, folder string) ([]Touch, error) {
	revs := string(to)
	if from != "" {
		revs = string(from) + ".." + string(to)
	}
	if !to.Valid() || (from != "" && !from.Valid()) {
		return nil, fmt.Errorf("read log: %q is not a range of commits", revs)
	}
	args := []string{"log", "-z", "--format=" + logFormat, "--name-only", "--no-renames", "--diff-merges=combined",
		"--root", "--no-show-signature", "--end-of-options", revs, "--"}
	if folder = strings.Trim(folder, "/"); folder != "" {
		args = append(args, ":(literal)"+folder)
	}
	out, err := output(ctx, r.dir, args...)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return parseLog(out, folder)
}

// HasTrailer reports whether one of the commits that are in one commit's
// history and not in another's ("" stands for none, and then only the last
// commit is looked at) has a trailer with a value.
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
	out, err := output(ctx, r.dir, append(args, "--end-of-options", revs, "--")...)
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
	out, err := output(ctx, r.dir, "log", "-z", "-1", "--no-patch", "--format="+logFormat, "--no-show-signature", "--end-of-options", string(id), "--")
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

// parseLog takes git log's output apart.
func parseLog(out []byte, folder string) ([]Touch, error) {
	var touches []Touch
	for len(out) > 0 {
		var head []byte
		var ok bool
		if head, out, ok = bytes.Cut(out, []byte{0}); !ok && len(head) > 0 {
			return nil, errLog
		}
		id, begins := bytes.CutPrefix(head, []byte{1})
		if !begins {
			// A file name; the first one of a commit follows a line feed.
			name := strings.TrimPrefix(string(head), "\n")
			if name == "" {
				continue
			}
			if len(touches) == 0 {
				return nil, errLog
			}
			last := &touches[len(touches)-1]
			last.Paths = append(last.Paths, relative(name, folder))
			continue
		}
		fields := bytes.SplitN(out, []byte{0}, 5)
		if len(fields) < 4 {
			return nil, errLog
		}
		seconds, err := strconv.ParseInt(string(fields[1]), 10, 64)
		if err != nil || !CommitID(id).Valid() {
			return nil, errLog
		}
		touches = append(touches, Touch{Commit: Commit{
			ID:       CommitID(id),
			Author:   valid(fields[0]),
			Time:     time.Unix(seconds, 0).UTC(),
			Subject:  valid(fields[2]),
			Trailers: parseTrailers(valid(fields[3])),
		}})
		out = nil
		if len(fields) == 5 {
			out = fields[4]
		}
	}
	return touches, nil
}

func relative(name, folder string) string {
	if folder == "" {
		return name
	}
	return strings.TrimPrefix(name, folder+"/")
}

// valid makes text of a commit, which may be in any encoding, UTF-8.
func valid(text []byte) string { return strings.ToValidUTF8(string(text), "\uFFFD") }

func parseTrailers(text string) map[string][]string {
	trailers := make(map[string][]string)
	for line := range strings.Lines(text) {
		if token, value, ok := strings.Cut(line, ":"); ok {
			token = strings.TrimSpace(token)
			trailers[token] = append(trailers[token], strings.TrimSpace(value))
		}
	}
	return trailers
}
