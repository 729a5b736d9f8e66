package maintain

import "github.com/spf13/cobra"

// Commands returns the commands of this package.
func Commands() []*cobra.Command {
	return []*cobra.Command{
		initCommand(), newCommand(), validateCommand(), rulesCommand(), fmtCommand(), diffCommand(), previewCommand(), themeCommand(), applyCommand(),
	}
}
