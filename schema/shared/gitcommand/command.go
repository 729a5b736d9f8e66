// Package gitcommand runs git where what it is pointed at may be hostile: nothing
// in a repository, behind an address or in the environment can make it run a
// program or wait for somebody, and no credentials show in what it says.
package gitcommand

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// settings are given to every git command: no hooks, no maintenance in the
// background, no helpers that run programs.
var settings = []string{
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "protocol.ext.allow=never",
	"-c", "safe.directory=*",
}

// killDelay is how long a command may take to end after it was told to.
const killDelay = 2 * time.Second

// A Command is a git command that is prepared and not yet run.
type Command struct {
	*exec.Cmd
	args  []string // without settings
	ended func() error
}

// New prepares a git command in a repository ("" where there is none). It is
// killed, with all that it started, when ctx ends.
func New(ctx context.Context, gitDir string, args ...string) *Command {
	full := settings
	if gitDir != "" {
		full = append(full[:len(full):len(full)], "--git-dir="+gitDir)
	}
	cmd := exec.CommandContext(ctx, "git", append(full[:len(full):len(full)], args...)...)
	cmd.Env = environment()
	// git has children of its own: all of them are told to end.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = killDelay
	return &Command{cmd, args, ctx.Err}
}

// Authorize lets the command show a token to the server of an HTTP address, as
// GitHub and others take it (RFC 7617, with any user name), and to no other. It
// goes by the environment: the arguments of a process are for all to see.
func (c *Command) Authorize(address, token string) {
	u, err := url.Parse(address)
	if token == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return
	}
	login := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
	c.Env = append(c.Env, "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=http."+u.Scheme+"://"+u.Host+"/.extraHeader",
		"GIT_CONFIG_VALUE_0=Authorization: Basic "+login)
}

// environment is the process's own without what would point git elsewhere.
func environment() []string {
	env := []string{
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=" + strings.Join(Schemes(), ":"),
		"LC_ALL=C",
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		keep := !strings.HasPrefix(name, "GIT_") || name == "GIT_ASKPASS" || name == "GIT_SSH_COMMAND" || name == "GIT_SSL_CAINFO"
		if keep && name != "LC_ALL" {
			env = append(env, variable)
		}
	}
	return env
}

// An Error is a git command that failed.
type Error struct {
	Args   []string // without settings
	Stderr string   // what it says of the cause, without credentials
	Err    error
}

func (e *Error) Error() string {
	if e.Stderr == "" {
		return fmt.Sprintf("git %s: %v", e.Args[0], e.Err)
	}
	return fmt.Sprintf("git %s: %s", e.Args[0], e.Stderr)
}

func (e *Error) Unwrap() error { return e.Err }

// Output runs the command and returns what it printed. The error is an *Error
// where git said no, and wraps that of the context where that ended.
func (c *Command) Output() ([]byte, error) {
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case c.ended() != nil:
		return nil, fmt.Errorf("git %s: %w", c.args[0], c.ended())
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the program git is not installed")
	}
	return stdout.Bytes(), &Error{Args: c.args, Stderr: causeLines(stderr.String()), Err: err}
}

// maxLines bounds how many lines of git's output an error quotes.
const maxLines = 3

// causeLines returns the lines of git's output that say why it failed: the first
// "fatal:" line and the last lines, without advice and without credentials in
// addresses.
func causeLines(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.Map(dropControl, strings.TrimSpace(line)); line != "" && !isAdvice(line) {
			lines = append(lines, line)
		}
	}
	if len(lines) > 1 { // the cause is in another line
		lines = slices.DeleteFunc(lines, func(line string) bool { return line == noRemote })
	}
	if n := len(lines) - maxLines; n > 0 {
		first := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "fatal:") })
		if first < 0 || first >= n {
			lines = lines[n:]
		} else {
			lines = append([]string{lines[first]}, lines[n+1:]...)
		}
	}
	words := strings.Fields(strings.Join(lines, "; "))
	for i, word := range words {
		bare := strings.Trim(word, "'\"")
		words[i] = strings.Replace(word, bare, Redact(bare), 1)
	}
	return strings.Join(words, " ")
}

// noRemote is git's last word on any repository that it cannot read.
const noRemote = "fatal: Could not read from remote repository."

// isAdvice reports whether a line is git's advice to a person at a terminal.
func isAdvice(line string) bool {
	for _, start := range []string{"hint:", "Please make sure you have the correct access rights", "and the repository exists.", "To add an exception for this directory", "git config --global --add safe.directory"} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

func dropControl(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}
