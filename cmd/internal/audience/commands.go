// Package audience has the commands for digests and subscribers.
package audience

import "github.com/spf13/cobra"

// Commands returns the commands of this package.
func Commands() []*cobra.Command { return []*cobra.Command{digestCommand(), subscribersCommand()} }
