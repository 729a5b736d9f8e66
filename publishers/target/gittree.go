package target

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"
)

// listFiles lists a commit's files below the target's path.
func (g *Git) listFiles(ctx context.Context, tip string) (map[string]string, error) {
	if err := g.fetch(ctx, tip); err != nil {
		return nil, err
	}
	if err := g.checkPath(ctx, tip); err != nil {
		return nil, err
	}
	args := []string{"ls-tree", "-r", "-z", "--full-tree", tip}
	if g.Path != "" {
		args = append(args, "--", g.Path+"/")
	}
	out, err := g.run(ctx, nil, args...)
	if err != nil {
		return nil, err
	}
	return decodeTree(out, g.Path)
}

// readBlob reads an entry's content.
func (g *Git) readBlob(ctx context.Context, entry string) ([]byte, error) {
	_, id, _ := strings.Cut(entry, " ")
	return g.run(ctx, nil, "cat-file", "blob", id)
}

// checkPath returns an error for a path that leads through a file.
func (g *Git) checkPath(ctx context.Context, tip string) error {
	if g.Path == "" {
		return nil
	}
	args := []string{"ls-tree", "-z", "--full-tree", tip, "--"}
	for dir := g.Path; dir != "."; dir = path.Dir(dir) {
		args = append(args, dir)
	}
	out, err := g.run(ctx, nil, args...)
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(string(out), "\x00") {
		if about, name, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(about, "040000 ") {
			return &ForeignError{g.Address(), []string{name}}
		}
	}
	return nil
}

// decodeTree decodes the output of git ls-tree.
func decodeTree(out []byte, folder string) (map[string]string, error) {
	entries := make(map[string]string)
	for line := range bytes.SplitSeq(out, []byte{0}) {
		if len(line) == 0 {
			continue
		}
		about, name, ok := strings.Cut(string(line), "\t")
		fields := strings.Fields(about)
		if !ok || len(fields) != 3 {
			return nil, errors.New("git's answer cannot be read")
		}
		if folder != "" {
			name = strings.TrimPrefix(name, folder+"/")
		}
		entries[name] = fields[0] + " " + fields[2]
	}
	return entries, nil
}
