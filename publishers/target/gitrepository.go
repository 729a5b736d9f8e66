package target

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"netsync/schema/shared/gitcommand"
)

// lockPoll is the interval at which the lock on the local repository is tried.
const lockPoll = 50 * time.Millisecond

// nextRef is the ref of a new commit.
const nextRef = "refs/netsync/next"

// open creates the local repository if there is no usable one.
func (g *Git) open(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(g.Dir, "HEAD")); err == nil && !g.doubt {
		return nil
	}
	return g.recreateRepository(ctx)
}

// mayBeLocal reports whether an error may come from the local repository, which can be
// recreated.
func mayBeLocal(err error) bool {
	var failed *gitcommand.Error
	return errors.As(err, &failed) && failed.Args[0] != "ls-remote" && failed.Args[0] != "push"
}

// recreateRepository deletes and creates the local repository, all of whose objects can be
// fetched or made again.
func (g *Git) recreateRepository(ctx context.Context) error {
	g.known.forgetAll()
	if err := os.RemoveAll(g.Dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(g.Dir), 0o755); err != nil {
		return err
	}
	_, err := g.run(ctx, nil, "init", "--quiet", "--bare", "--template=", "--object-format=sha1")
	g.doubt = err != nil
	return err
}

// findTip returns the commit of the branch; "" if there is no branch.
func (g *Git) findTip(ctx context.Context) (string, error) {
	ref := "refs/heads/" + g.Branch
	out, err := g.run(ctx, nil, "ls-remote", "--end-of-options", g.Repository, ref)
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(out) {
		id, name, _ := strings.Cut(strings.TrimSpace(string(line)), "\t")
		if name != ref {
			continue
		}
		if len(id) != 40 {
			return "", errors.New("the repository has another object format than SHA-1, which cannot be pushed to")
		}
		return id, nil
	}
	return "", nil
}

// fetch fetches a commit without its history.
func (g *Git) fetch(ctx context.Context, tip string) error {
	if _, err := g.run(ctx, nil, "cat-file", "-e", tip+"^{tree}"); err == nil {
		return nil
	} else if ctx.Err() != nil {
		return err
	}
	_, err := g.run(ctx, nil, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1",
		"--end-of-options", g.Repository, "+refs/heads/"+g.Branch+":refs/netsync/tip")
	if err != nil {
		return err
	}
	if _, err := g.run(ctx, nil, "cat-file", "-e", tip+"^{tree}"); err != nil && ctx.Err() == nil {
		return ErrMoved // and the tip that was read is gone
	}
	return nil
}

// moveBranch pushes a commit that follows the tip.
func (g *Git) moveBranch(ctx context.Context, from, to string) error {
	ref := "refs/heads/" + g.Branch
	_, err := g.run(ctx, nil, "push", "--quiet", "--no-verify", "--no-signed", "--force-with-lease="+ref+":"+from,
		"--end-of-options", g.Repository, to+":"+ref)
	if err == nil {
		g.collectGarbage(ctx)
	}
	return err
}

// untidy is the number of pushes after which the local repository is packed.
const untidy = 50

func (g *Git) collectGarbage(ctx context.Context) {
	if g.pushes++; g.pushes%untidy != 0 {
		return
	}
	_, err := g.run(ctx, nil, "gc", "--quiet", "--prune=now")
	_ = err // the next push finds out whether the repository is of use
}
