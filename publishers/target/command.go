package target

import (
	"context"
	"io"
	"regexp"
	"slices"

	"netsync/schema/shared/gitcommand"
)

// pushSettings are additional settings of git: it signs nothing, and does not wait for a
// dead connection.
var pushSettings = []string{
	"-c", "push.gpgSign=false",
	"-c", "push.recurseSubmodules=no",
	"-c", "http.lowSpeedLimit=1",
	"-c", "http.lowSpeedTime=60",
}

// run runs a git command in the local repository and returns what it printed.
func (g *Git) run(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	cmd := gitcommand.New(ctx, g.Dir, args...)
	// Settings come before the command.
	cmd.Args = slices.Insert(cmd.Args, 1, pushSettings...)
	cmd.Authorize(g.Repository, g.Token)
	cmd.Stdin = stdin
	return cmd.Output()
}

// userInfo finds credentials in addresses.
var userInfo = regexp.MustCompile(`([A-Za-z0-9+.-]+://)[^/@\s]*@`)
