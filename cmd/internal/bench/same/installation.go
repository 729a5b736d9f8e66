package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"netsync/cmd/internal/mailcatcher"
)

const configuration = `dataset: {repository: %q}
website: {base_url: "https://networks.example.org"}
feed: {significance: trivial}
newsletter: {from: networks@example.org, recipients: [staff@example.org, board@example.org], smtp: "smtp://%s"}
`

// An installation is one program with a data directory and a mail server.
type installation struct {
	program string
	dir     string
}

func (i *installation) config() string { return filepath.Join(i.dir, "netsync.yaml") }

// results returns the folder of what is compared.
func (i *installation) results() string { return filepath.Join(i.dir, "results") }

// prepare writes the configuration and starts a mail server, which stop ends.
func (i *installation) prepare(ctx context.Context, repository string) (stop func(), err error) {
	if err := os.MkdirAll(i.results(), 0o755); err != nil {
		return nil, err
	}
	catcher := mailcatcher.New(mailcatcher.Config{Dir: filepath.Join(i.dir, "mails"), Addr: "127.0.0.1:0"})
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- catcher.Run(ctx) }()
	address, err := catcher.Addr(ctx)
	stop = func() {
		cancel()
		_ = <-done // it ends with the context
	}
	if err != nil {
		stop()
		return nil, err
	}
	if err := os.WriteFile(i.config(), fmt.Appendf(nil, configuration, repository, address), 0o600); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// run runs a command at a time and returns what it printed. An exit code of 1 is
// a finding in the data, which both programs have to have.
func (i *installation) run(ctx context.Context, now time.Time, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, i.program, append(args, "-c", i.config())...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "SAME_BYTES_TIME="+strconv.FormatInt(now.Unix(), 10))
	cmd.Dir = i.dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if exit.ExitCode() != 1 {
			return nil, fmt.Errorf("%s %v: %w: %s", i.program, args, err, exit.Stderr)
		}
		return fmt.Appendf(out, "exit code 1\n"), nil
	}
	return out, err
}

// makeResults makes a pass, sends a digest if asked, prints what the commands
// show, and links the files of every channel into the folder of results.
func (i *installation) makeResults(ctx context.Context, now time.Time, send bool) error {
	var steps [][]string
	steps = append(steps, []string{"sync"})
	if send {
		steps = append(steps, []string{"digest", "send"})
	}
	steps = append(steps, []string{"verify"}, []string{"events", "--since", "0"}, []string{"digest", "preview"}, []string{"digest", "list"}, []string{"subscribers", "list"})
	for n, args := range steps {
		out, err := i.run(ctx, now.Add(time.Duration(n)*time.Minute), args...)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(i.results(), args[0]+"-"+args[len(args)-1]+".txt"), out, 0o600); err != nil {
			return err
		}
	}
	for name, from := range map[string]string{
		"website": "data/website/current", "feed": "data/feed/current", "newsletter": "data/newsletter/current",
		"drafts": "data/newsletter/drafts/current", "mails": "mails",
	} {
		link := filepath.Join(i.results(), name)
		if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		target, err := filepath.EvalSymlinks(filepath.Join(i.dir, filepath.FromSlash(from)))
		if err != nil {
			return err
		}
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	return nil
}
