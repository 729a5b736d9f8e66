package target

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strings"

	"github.com/google/go-github/v60/github"
)

// errEmpty is returned for a repository without commits, which GitHub's Git database does
// not support.
var errEmpty = errors.New("the repository is empty")

// findTip returns the commit of the branch; "" if there is no branch.
func (g *GitHub) findTip(ctx context.Context) (string, error) {
	ref, _, err := g.client.Git.GetRef(ctx, g.owner, g.repo, "heads/"+g.Branch)
	switch statusOf(err) {
	case http.StatusNotFound:
		// GitHub also answers 404 if the token may not read the repository.
		_, _, err := g.client.Repositories.Get(ctx, g.owner, g.repo)
		return "", err
	case http.StatusConflict:
		return "", errEmpty
	}
	if err != nil {
		return "", err
	}
	return ref.GetObject().GetSHA(), nil
}

// statusOf returns the status of an answer that is an error; 0 for any other.
func statusOf(err error) int {
	if answer, ok := errors.AsType[*github.ErrorResponse](err); ok && answer.Response != nil {
		return answer.Response.StatusCode
	}
	return 0
}

// listFiles lists a commit's files below the target's path.
func (g *GitHub) listFiles(ctx context.Context, tip string) (map[string]string, error) {
	commit, _, err := g.client.Git.GetCommit(ctx, g.owner, g.repo, tip)
	if err != nil {
		return nil, err
	}
	id, entries := commit.GetTree().GetSHA(), make(map[string]string)
	if g.Path != "" {
		if id, err = g.findFolder(ctx, id); err != nil || id == "" {
			return entries, err
		}
	}
	return entries, g.walk(ctx, id, "", entries)
}

// findFolder returns the tree of the target's path below a tree; "" if there is none.
func (g *GitHub) findFolder(ctx context.Context, id string) (string, error) {
	names := strings.Split(g.Path, "/")
	for i, name := range names {
		tree, _, err := g.client.Git.GetTree(ctx, g.owner, g.repo, id, false)
		if err != nil {
			return "", err
		}
		id = ""
		for _, e := range tree.Entries {
			if e.GetPath() == name && e.GetType() != "tree" {
				return "", &ForeignError{Names: []string{path.Join(names[:i+1]...)}}
			}
			if e.GetPath() == name {
				id = e.GetSHA()
			}
		}
		if id == "" {
			return "", nil
		}
	}
	return id, nil
}

// walk lists the files of a tree. It reads a tree that is too large for one answer folder by
// folder.
func (g *GitHub) walk(ctx context.Context, id, prefix string, into map[string]string) error {
	tree, _, err := g.client.Git.GetTree(ctx, g.owner, g.repo, id, true)
	if err == nil && tree.GetTruncated() {
		tree, _, err = g.client.Git.GetTree(ctx, g.owner, g.repo, id, false)
		if err == nil && tree.GetTruncated() {
			err = errors.New("a folder of the repository is too large for GitHub to list; use its address as a Git target")
		}
		if err == nil {
			return g.walkFolders(ctx, tree, prefix, into)
		}
	}
	if err != nil {
		return err
	}
	for _, e := range tree.Entries {
		if e.GetType() != "tree" {
			into[prefix+e.GetPath()] = e.GetMode() + " " + e.GetSHA()
		}
	}
	return nil
}

func (g *GitHub) walkFolders(ctx context.Context, tree *github.Tree, prefix string, into map[string]string) error {
	for _, e := range tree.Entries {
		if e.GetType() != "tree" {
			into[prefix+e.GetPath()] = e.GetMode() + " " + e.GetSHA()
			continue
		}
		if err := g.walk(ctx, e.GetSHA(), prefix+e.GetPath()+"/", into); err != nil {
			return err
		}
	}
	return nil
}

// readBlob reads an entry's content.
func (g *GitHub) readBlob(ctx context.Context, entry string) ([]byte, error) {
	_, id, _ := strings.Cut(entry, " ")
	data, _, err := g.client.Git.GetBlobRaw(ctx, g.owner, g.repo, id)
	return data, err
}
