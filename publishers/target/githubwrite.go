package target

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"path"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"
)

// Limits of one request for a tree.
const (
	maxTreeEntries = 1000
	maxTreeBytes   = 8 << 20
	maxInline      = 1 << 20 // of one file; larger ones are sent as blobs
)

// createFirst makes the first commit of an empty repository through the contents API, as the
// Git database does not support it.
func (g *GitHub) createFirst(ctx context.Context) error {
	who := g.newAuthor(time.Unix(0, 0))
	_, _, err := g.client.Repositories.CreateFile(ctx, g.owner, g.repo, path.Join(g.Path, noJekyll), &github.RepositoryContentFileOptions{
		Message: github.String("Begin"), Content: []byte{}, Branch: &g.Branch, Author: who, Committer: who,
	})
	if code := statusOf(err); code == http.StatusConflict || code == http.StatusUnprocessableEntity {
		return fmt.Errorf("%w: %w", ErrMoved, err) // it is not empty any more
	}
	return err
}

// begun is a branch whose repository is not empty any more.
type begun struct{ *GitHub }

func (b begun) findTip(ctx context.Context) (string, error) {
	tip, err := b.GitHub.findTip(ctx)
	if !errors.Is(err, errEmpty) {
		return tip, err
	}
	if err := b.createFirst(ctx); err != nil {
		return "", err
	}
	return b.GitHub.findTip(ctx)
}

func (g *GitHub) newAuthor(at time.Time) *github.CommitAuthor {
	return &github.CommitAuthor{Name: &g.AuthorName, Email: &g.AuthorEmail, Date: &github.Timestamp{Time: at.UTC().Truncate(time.Second)}}
}

// makeCommit makes a commit of an edit; "" if its tree is that of the tip.
func (g *GitHub) makeCommit(ctx context.Context, e *edit) (string, error) {
	base, parents := "", []*github.Commit{}
	if e.tip != "" {
		tip, _, err := g.client.Git.GetCommit(ctx, g.owner, g.repo, e.tip)
		if err != nil {
			return "", err
		}
		base, parents = tip.GetTree().GetSHA(), []*github.Commit{{SHA: &e.tip}}
	}
	tree, err := g.makeTree(ctx, base, e)
	if err != nil || tree == base {
		return "", err
	}
	who := g.newAuthor(e.message.Time)
	made, _, err := g.client.Git.CreateCommit(ctx, g.owner, g.repo, &github.Commit{
		Message: github.String(e.message.formatMessage(e.view.Position)), Tree: &github.Tree{SHA: &tree}, Parents: parents, Author: who, Committer: who,
	}, nil)
	return made.GetSHA(), err
}

// makeTree makes the tree of an edit, in few requests, each of which continues the one
// before. It does not mention unchanged files.
func (g *GitHub) makeTree(ctx context.Context, base string, e *edit) (string, error) {
	w := &treeWriter{target: g, ctx: ctx, base: base}
	for _, name := range e.remove {
		if err := w.add(name, &github.TreeEntry{}, 0); err != nil {
			return "", err
		}
	}
	if len(w.entries) > 0 && len(e.write) > 0 { // a folder may replace a file
		if err := w.flush(); err != nil {
			return "", err
		}
	}
	err := e.eachFile(func(name string, data []byte) error {
		if len(data) <= maxInline && utf8.Valid(data) && len(data) > 0 {
			return w.add(name, &github.TreeEntry{Content: github.String(string(data))}, len(data))
		}
		blob, _, err := g.client.Git.CreateBlob(ctx, g.owner, g.repo, &github.Blob{
			Content: github.String(base64.StdEncoding.EncodeToString(data)), Encoding: github.String("base64"),
		})
		if err != nil {
			return fmt.Errorf("store %s: %w", name, err)
		}
		return w.add(name, &github.TreeEntry{SHA: blob.SHA}, 0)
	})
	if err == nil {
		err = w.flush()
	}
	return w.base, err
}

// A treeWriter gathers entries into trees.
type treeWriter struct {
	target  *GitHub
	ctx     context.Context
	base    string // the tree so far
	entries []*github.TreeEntry
	size    int
}

func (w *treeWriter) add(name string, e *github.TreeEntry, size int) error {
	e.Path = github.String(path.Join(w.target.Path, name))
	e.Mode, e.Type = github.String(plainFile), github.String("blob")
	w.entries = append(w.entries, e)
	if w.size += size; len(w.entries) < maxTreeEntries && w.size < maxTreeBytes {
		return nil
	}
	return w.flush()
}

func (w *treeWriter) flush() error {
	if len(w.entries) == 0 {
		return nil
	}
	tree, _, err := w.target.client.Git.CreateTree(w.ctx, w.target.owner, w.target.repo, w.base, w.entries)
	if err != nil {
		return fmt.Errorf("make a tree: %w", err)
	}
	w.base, w.entries, w.size = tree.GetSHA(), nil, 0
	return nil
}

// moveBranch moves the branch to a commit that follows its tip. GitHub refuses any
// other commit.
func (g *GitHub) moveBranch(ctx context.Context, from, to string) error {
	ref := &github.Reference{Ref: github.String("refs/heads/" + g.Branch), Object: &github.GitObject{SHA: &to}}
	if from == "" {
		_, _, err := g.client.Git.CreateRef(ctx, g.owner, g.repo, ref)
		return err
	}
	_, _, err := g.client.Git.UpdateRef(ctx, g.owner, g.repo, ref, false)
	return err
}
