// Package operate has the commands of operators: they run netsync, look at it, prove
// that it is right, and bring it back.
package operate

import "github.com/spf13/cobra"

// Commands returns the commands of this package.
func Commands() []*cobra.Command {
	return []*cobra.Command{
		demoCommand(), runCommand(), syncCommand(), eventsCommand(), webhooksCommand(), streamsCommand(), verifyCommand(), rebuildCommand(),
		rollbackCommand(), republishCommand(), backupCommand(), restoreCommand(), statusCommand(), configCommand(),
	}
}
