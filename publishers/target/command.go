package target

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"

	"netsync/schema/gitcommand"
)

// pushSettings are given to git beside those that it always has: it signs
// nothing, and does not wait for a dead line.
var pushSettings = []string{
	"-c", "push.gpgSign=false",
	"-c", "push.recurseSubmodules=no",
	"-c", "http.lowSpeedLimit=1",
	"-c", "http.lowSpeedTime=60",
}

// run runs a git command in the local repository and returns what it printed.
func (g *Git) run(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	cmd := gitcommand.New(ctx, g.Dir, args...)
	// Settings come before the command, and its name with them is the first.
	cmd.Args = slices.Insert(cmd.Args, 1, pushSettings...)
	cmd.Env = append(cmd.Env, g.credentials()...)
	cmd.Stdin = stdin
	return cmd.Output()
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
