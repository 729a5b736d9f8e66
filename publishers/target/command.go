package target

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// gitSchemes are the transports that a repository may be reached by. Others,
// such as ext::, can run commands.
const gitSchemes = "https:http:ssh:git:file"

// gitSettings are given to every git command: no hooks, no maintenance in the
// background, no helpers that run programs, no waiting for a dead line.
var gitSettings = []string{
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "protocol.ext.allow=never",
	"-c", "safe.directory=*",
	"-c", "push.gpgSign=false",
	"-c", "push.recurseSubmodules=no",
	"-c", "http.lowSpeedLimit=1",
	"-c", "http.lowSpeedTime=60",
}

// killDelay is how long a command may take to end after it was told to.
const killDelay = 2 * time.Second

// A commandError is a git command that failed.
type commandError struct {
	command string
	stderr  string // its last lines, without credentials
	err     error
}

func (e *commandError) Error() string {
	if e.stderr == "" {
		return fmt.Sprintf("git %s: %v", e.command, e.err)
	}
	return fmt.Sprintf("git %s: %s", e.command, e.stderr)
}

func (e *commandError) Unwrap() error { return e.err }

// run runs a git command in the local repository and returns what it printed.
func (g *Git) run(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	full := append(gitSettings[:len(gitSettings):len(gitSettings)], "--git-dir="+g.Dir)
	cmd := exec.CommandContext(ctx, "git", append(full, args...)...)
	cmd.Env = append(gitEnvironment(), g.credentials()...)
	cmd.Stdin = stdin
	// git has children of its own: all of them are told to end.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = killDelay
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the program git is not installed")
	}
	return stdout.Bytes(), &commandError{args[0], lastLines(stderr.String()), err}
}

// gitEnvironment is the process's own without what would point git elsewhere.
func gitEnvironment() []string {
	env := []string{
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=" + gitSchemes,
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

// credentials hand the token to git through the environment, where no other
// user can see it, for the repository's own host alone.
func (g *Git) credentials() []string {
	u, err := url.Parse(g.Repository)
	if err != nil || g.Token == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil
	}
	basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + g.Token))
	return []string{
		"GIT_CONFIG_COUNT=1",
		fmt.Sprintf("GIT_CONFIG_KEY_0=http.%s://%s/.extraHeader", u.Scheme, u.Host),
		"GIT_CONFIG_VALUE_0=Authorization: Basic " + basic,
	}
}

// userInfo finds credentials in addresses.
var userInfo = regexp.MustCompile(`([A-Za-z0-9+.-]+://)[^/@\s]*@`)

// lastLines shortens what git said, and hides credentials in addresses.
func lastLines(s string) string {
	const most = 3
	lines := strings.Split(strings.TrimSpace(s), "\n")
	lines = lines[max(0, len(lines)-most):]
	return userInfo.ReplaceAllString(strings.Join(strings.Fields(strings.Join(lines, "; ")), " "), "${1}")
}
