package cli

import (
	"os"

	"github.com/spf13/cobra"

	"netsync/config"
)

// DefaultConfig is the file that is read without -c, if it exists.
const DefaultConfig = "netsync.yaml"

// AddConfigFlag adds -c to a command.
func AddConfigFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "config", "c", "", "configuration file (default "+DefaultConfig+" where it exists)")
}

// AddJSONFlag adds --json to a command.
func AddJSONFlag(cmd *cobra.Command, asJSON *bool) {
	cmd.Flags().BoolVar(asJSON, "json", false, "print JSON")
}

// LoadConfig reads the configuration. Without a file, the environment alone
// may hold it.
func LoadConfig(path string) (*config.Config, error) {
	if path == "" {
		if _, err := os.Stat(DefaultConfig); err == nil {
			path = DefaultConfig
		}
	}
	return config.Load(path, os.Environ())
}
