package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
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

// command prepares a git command in a repository ("" where there is none).
func command(ctx context.Context, gitDir string, args ...string) *exec.Cmd {
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
	return cmd
}

// environment is the process's own without what would point git elsewhere.
func environment() []string {
	env := []string{
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=" + strings.Join(schemes, ":"),
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

// A CommandError is a git command that failed.
type CommandError struct {
	Args   []string // without settings
	Stderr string   // its last lines
	Err    error
}

func (e *CommandError) Error() string {
	if e.Stderr == "" {
		return fmt.Sprintf("git %s: %v", e.Args[0], e.Err)
	}
	return fmt.Sprintf("git %s: %s", e.Args[0], e.Stderr)
}

func (e *CommandError) Unwrap() error { return e.Err }

// output runs a git command and returns what it printed.
func output(ctx context.Context, gitDir string, args ...string) ([]byte, error) {
	cmd := command(ctx, gitDir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the program git is not installed")
	}
	return nil, &CommandError{Args: args, Stderr: lastLines(stderr.String()), Err: err}
}

// lastLines shortens what git said, and hides credentials in addresses.
func lastLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	lines = lines[max(0, len(lines)-3):]
	words := strings.Fields(strings.Join(lines, "; "))
	for i, word := range words {
		bare := strings.Trim(word, "'\"")
		words[i] = strings.Replace(word, bare, Redact(bare), 1)
	}
	return strings.Join(words, " ")
}
