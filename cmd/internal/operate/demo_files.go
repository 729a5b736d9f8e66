package operate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/maintain"
	"netsync/config"
	"netsync/schema/sample"
)

// makeSample makes a repository with the sample dataset. It makes it beside its place
// and moves it there, so that a demo that was interrupted begins again.
func makeSample(ctx context.Context, dir string) error {
	making := dir + ".new"
	if err := os.RemoveAll(making); err != nil {
		return fmt.Errorf("make the sample dataset: %w", err)
	}
	if err := maintain.CopyFiles(sample.FS(), making, func(name string) string { return name }); err != nil {
		return fmt.Errorf("make the sample dataset: %w", err)
	}
	steps := [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "--all"},
		{
			"-c", "user.name=netsync demo", "-c", "user.email=demo@example.org", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null",
			"commit", "--quiet", "--message=Begin with the sample dataset",
		},
	}
	for _, step := range steps {
		if err := maintain.RunGit(ctx, making, step...); err != nil {
			return err
		}
	}
	if err := ensureIdentity(ctx, making); err != nil {
		return err
	}
	if err := os.Rename(making, dir); err != nil {
		return fmt.Errorf("make the sample dataset: %w", err)
	}
	return nil
}

// ensureIdentity sets an author in the sample if Git knows none, so that everyone can
// commit there.
func ensureIdentity(ctx context.Context, dir string) error {
	if exec.CommandContext(ctx, "git", "-C", dir, "var", "GIT_AUTHOR_IDENT").Run() == nil {
		return nil
	}
	if err := maintain.RunGit(ctx, dir, "config", "user.name", "Demo Maintainer"); err != nil {
		return err
	}
	return maintain.RunGit(ctx, dir, "config", "user.email", "maintainer@example.org")
}

// demoConfig reads DIR/netsync.yaml, creating it if needed, and keeps the addresses in
// it up to date, so that other commands find them.
func demoConfig(o demoOptions, smtp string) (*config.Config, error) {
	path := filepath.Join(o.dir, cli.DefaultConfig)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(path, fmt.Appendf(nil, DemoYAML, o.listen, o.nats), 0o644); err != nil {
			return nil, fmt.Errorf("write the demo's configuration: %w", err)
		}
	}
	environ := demoEnviron(smtp)
	cfg, err := config.Load(path, environ)
	if err != nil {
		return nil, err
	}
	if cfg.HTTP.Listen == o.listen && cfg.NATS.Listen == o.nats {
		return cfg, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the demo's configuration: %w", err)
	}
	text := strings.Replace(string(data), "listen: "+cfg.HTTP.Listen, "listen: "+o.listen, 1)
	text = strings.Replace(text, "listen: "+cfg.NATS.Listen, "listen: "+o.nats, 1)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return nil, fmt.Errorf("write the demo's configuration: %w", err)
	}
	return config.Load(path, append(environ, "NETSYNC_HTTP_LISTEN="+o.listen, "NETSYNC_NATS_LISTEN="+o.nats))
}

// demoEnviron is the environment with the address of the demo's mail catcher.
func demoEnviron(smtp string) []string {
	return append(os.Environ(), "NETSYNC_NEWSLETTER_SMTP=smtp://"+smtp)
}

const DemoYAML = `# Made by netsync demo. netsync config print shows every setting.
dataset:
  repository: dataset
  schedule: "@every 1s"
data_dir: data
http:
  listen: %s
nats:
  listen: %s
newsletter:
  # While the demo runs, mail goes to its own mail catcher.
  from: Networks and associations <networks@example.org>
  recipients: [colleague@example.org]
`
