package main

import (
	"os"

	"github.com/spf13/cobra"

	"netsync/config"
)

// defaultConfig is read where -c is not given and the file exists.
const defaultConfig = "netsync.yaml"

// configFlag adds -c to a command.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "config", "c", "", "configuration file (default "+defaultConfig+" where it exists)")
}

// loadConfig reads the configuration. Without a file, the environment alone
// may hold it.
func loadConfig(path string) (*config.Config, error) {
	if path == "" {
		if _, err := os.Stat(defaultConfig); err == nil {
			path = defaultConfig
		}
	}
	return config.Load(path, os.Environ())
}
