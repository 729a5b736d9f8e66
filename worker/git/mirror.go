package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"netsync/schema/shared/gitcommand"
)

// A Config is the configuration of a Mirror.
type Config struct {
	Repository string // an address or a folder
	Token      string // for the repository's HTTP server; may be ""
	Ref        string // a branch, a tag or a full ref
	Dir        string // of the mirror, which is a cache
}

// Validate returns an error for a setting that git could misunderstand.
func (c Config) Validate() error {
	if err := checkAddress(c.Repository); err != nil {
		return err
	}
	if c.Dir == "" {
		return errors.New("no folder for the mirror is given")
	}
	return checkRef(c.Ref)
}

// A Mirror is a bare copy of one ref of a repository elsewhere. It keeps old commits, so that
// they can be compared after the history was rewritten.
type Mirror struct {
	*Repository
	config Config
	format string      // of its objects: "sha1" or "sha256"
	source *Repository // the repository, if it can be read directly
	seen   fingerprint // of the repository when it was borrowed from
}

// Open opens the mirror, and recreates one that does not exist or that git cannot
// read.
func Open(ctx context.Context, c Config) (*Mirror, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("open mirror: %w", err)
	}
	c.Dir = dir
	format, err := objectFormat(ctx, dir)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return nil, fmt.Errorf("open mirror: %w", err) // git itself could not be run
		}
		format = formatSHA1
		if err := recreateDir(ctx, dir, format); err != nil {
			return nil, fmt.Errorf("make mirror: %w", err)
		}
	}
	if err := keepPrivate(dir); err != nil {
		return nil, fmt.Errorf("open mirror: %w", err)
	}
	m := &Mirror{Repository: newRepository(dir, ""), config: c, format: format}
	if err := m.addAlternate(ctx); err != nil {
		return nil, fmt.Errorf("open mirror: %w", err)
	}
	return m, nil
}

// Close ends the processes that read the mirror.
func (m *Mirror) Close() error {
	if m.source == nil {
		return m.Repository.Close()
	}
	return errors.Join(m.Repository.Close(), m.source.Close())
}

func recreateDir(ctx context.Context, dir, format string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, private); err != nil {
		return err
	}
	_, err := runGit(ctx, "", "init", "--quiet", "--bare", "--object-format="+format, "--end-of-options", dir)
	return err
}

// private is the mode of a mirror, which has unpublished and withdrawn data.
const private = 0o700

// keepPrivate closes a mirror to other users, whatever the umask was at its creation.
func keepPrivate(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() == private {
		return err
	}
	return os.Chmod(dir, private)
}

// Tip returns the commit of the ref in the repository. It costs one git ls-remote, and less
// for a repository on this machine. The error is ErrRefNotFound if the repository has no such
// ref.
func (m *Mirror) Tip(ctx context.Context) (CommitID, error) {
	if err := m.checkAlternate(ctx); err != nil {
		return "", fmt.Errorf("open mirror: %w", err)
	}
	if m.source != nil {
		for _, name := range m.fullRefs() {
			if id, ok, err := m.source.objects.resolveRevision(ctx, name+"^{commit}"); ok || ctx.Err() != nil {
				return id, err
			}
		}
	}
	return m.askTip(ctx)
}

func (m *Mirror) askTip(ctx context.Context) (CommitID, error) {
	doing := func(err error) error {
		return fmt.Errorf("look up ref %q of %s: %w", m.config.Ref, gitcommand.Redact(m.config.Repository), err)
	}
	patterns := m.fullRefs()
	args := append([]string{"ls-remote", "--quiet", "--end-of-options", m.config.Repository}, patterns...)
	for _, p := range patterns {
		args = append(args, p+"^{}") // what an annotated tag points to
	}
	out, err := m.runRemote(ctx, args...)
	if err != nil {
		return "", doing(m.findCause(ctx, err))
	}
	found := make(map[string]CommitID)
	for line := range strings.Lines(string(out)) {
		if id, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			found[name] = CommitID(id)
		}
	}
	for _, name := range patterns {
		if id, ok := found[name+"^{}"]; ok {
			return id, nil
		}
		if id, ok := found[name]; ok {
			return id, nil
		}
	}
	return "", doing(m.missingRef(ctx))
}

// fullRefs returns the possible full names of the ref, in git's order.
func (m *Mirror) fullRefs() []string {
	if m.config.Ref == "HEAD" || strings.HasPrefix(m.config.Ref, "refs/") {
		return []string{m.config.Ref}
	}
	return []string{"refs/heads/" + m.config.Ref, "refs/tags/" + m.config.Ref}
}

// tipRef is the ref in the mirror of the last fetched commit.
const tipRef = "refs/netsync/tip"

// Fetch fetches a commit, which Tip returned, into the mirror. The ref may have moved
// on meanwhile, as long as the commit came along. Fetch recreates a damaged mirror,
// which is a cache.
func (m *Mirror) Fetch(ctx context.Context, id CommitID) error {
	doing := func(err error) error {
		return fmt.Errorf("fetch %q of %s: %w", m.config.Ref, gitcommand.Redact(m.config.Repository), err)
	}
	if format := formatOf(id); format != m.format {
		if err := m.recreateRepository(ctx, format); err != nil {
			return doing(err)
		}
	}
	has, err := m.fetch(ctx, id)
	if (err != nil || !has) && ctx.Err() == nil && m.isDamaged(ctx) {
		if err := m.removeFiles(ctx); err != nil {
			return doing(err)
		}
		has, err = m.fetch(ctx, id)
	}
	if err != nil {
		return doing(m.findCause(ctx, err))
	}
	if !has {
		return doing(fmt.Errorf("commit %s did not come along; the ref was moved meanwhile", id))
	}
	return nil
}

// Renew recreates a mirror that cannot be read, and fetches a commit into it. The mirror
// borrows no objects afterwards.
func (m *Mirror) Renew(ctx context.Context, id CommitID) error {
	if err := m.removeFiles(ctx); err != nil {
		return fmt.Errorf("recreate the mirror: %w", err)
	}
	return m.Fetch(ctx, id)
}

func (m *Mirror) removeFiles(ctx context.Context) error {
	m.objects.restartProcess()
	return errors.Join(m.removeAlternate(), recreateDir(ctx, m.dir, m.format))
}

// fetch fetches, and reports whether the mirror has the commit afterwards.
func (m *Mirror) fetch(ctx context.Context, id CommitID) (bool, error) {
	var failures []error
	for _, ref := range m.fullRefs() {
		err := m.fetchRef(ctx, ref, tipRef)
		if err == nil {
			return m.Has(ctx, id)
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		failures = append(failures, err)
	}
	return false, failures[0]
}

// fetchRef fetches a ref of the repository into a ref of the mirror.
func (m *Mirror) fetchRef(ctx context.Context, ref, as string) error {
	args := []string{"fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head",
		"--no-recurse-submodules", "--no-auto-maintenance", "--update-shallow"}
	if isThere(filepath.Join(m.dir, "shallow")) {
		args = append(args, "--unshallow") // as far as the repository has more
	}
	_, err := m.runRemote(ctx, append(args, "--end-of-options", m.config.Repository, "+"+ref+":"+as)...)
	return err
}

// uploadPack is the program that git starts to fetch from a repository on this machine. It
// does not inherit the settings of the command that starts it, and would refuse a repository
// of another owner; see git-config(1), safe.directory.
const uploadPack = "--upload-pack=git -c 'safe.directory=*' upload-pack"

// runRemote runs a git command that connects to the repository.
func (m *Mirror) runRemote(ctx context.Context, args ...string) ([]byte, error) {
	if _, ok := localPath(m.config.Repository); ok {
		args = slices.Insert(args, 1, uploadPack)
	}
	cmd := gitcommand.New(ctx, m.dir, args...)
	cmd.Authorize(m.config.Repository, m.config.Token)
	out, err := cmd.Output()
	if failed := (*gitcommand.Error)(nil); errors.As(err, &failed) && wantsLogin(failed.Stderr) {
		err = fmt.Errorf("%w; it is private, or not there: set github.token for one on GitHub, otherwise let Git's credential helper know a login", err)
	}
	return out, err
}

// wantsLogin reports whether the output of git says that it has no login, or that its login
// was refused.
func wantsLogin(output string) bool {
	return strings.Contains(output, "could not read Username") || strings.Contains(output, "Authentication failed")
}

// pullRef is the ref in the mirror of the last fetched pull request.
const pullRef = "refs/netsync/pull"

// FetchPull fetches the present head of a pull request into the mirror, and returns it. The
// repository must have refs of pull requests as GitHub has. The commit may be from
// anybody.
func (m *Mirror) FetchPull(ctx context.Context, number int) (CommitID, error) {
	ref := "refs/pull/" + strconv.Itoa(number) + "/head"
	doing := func(err error) error {
		return fmt.Errorf("fetch %q of %s: %w", ref, gitcommand.Redact(m.config.Repository), err)
	}
	if number <= 0 {
		return "", doing(errors.New("pull requests are numbered from 1"))
	}
	if err := m.fetchRef(ctx, ref, pullRef); err != nil {
		return "", doing(err)
	}
	head, err := m.Resolve(ctx, pullRef)
	if err != nil {
		return "", doing(err)
	}
	return head, nil
}

// isDamaged reports whether git finds the mirror's own files damaged.
func (m *Mirror) isDamaged(ctx context.Context) bool {
	_, err := runGit(ctx, m.dir, "fsck", "--connectivity-only", "--no-dangling", "--no-progress")
	return err != nil && ctx.Err() == nil
}
