package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"netsync/schema/shared"
)

// testPrefix is the prefix of variables for tests.
const testPrefix = envPrefix + "TEST_"

// maxSecretFile is the maximum size of a file with a secret.
const maxSecretFile = 64 << 10

// readEnviron returns the settings of environ ("NAME=value", as from os.Environ; the last of
// two counts). An empty variable counts as not set. Relative paths of files with secrets are
// below base.
func readEnviron(environ []string, base string, fields []field, p *problems) map[string]setting {
	ours := map[string]string{}
	for _, entry := range environ {
		name, value, ok := strings.Cut(entry, "=")
		if ok && strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, testPrefix) {
			ours[name] = value
		}
	}
	settings := map[string]setting{}
	for _, f := range fields {
		value, file := ours[f.Env], ""
		delete(ours, f.Env)
		if f.Secret {
			file = ours[f.Env+fileSuffix]
			delete(ours, f.Env+fileSuffix)
		}
		switch {
		case value != "" && file != "":
			p.add(&Error{Key: f.Env, Problem: "is set, and " + f.Env + fileSuffix + " as well", Remedy: "keep one of them"})
		case value != "" && isItems(f.Type):
			settings[f.Path] = setting{items: environItems(f, value, base, p), origin: Origin{Source: FromEnvironment, Variable: f.Env}}
		case file != "":
			if secret, err := readSecret(file, base); err != nil {
				p.add(&Error{Key: f.Env + fileSuffix, Problem: err.Error(), Remedy: "name a readable file that holds the value and nothing else", cause: err})
			} else {
				settings[f.Path] = setting{texts: []string{secret}, origin: Origin{Source: FromEnvironment, Variable: f.Env + fileSuffix}}
			}
		case value != "":
			texts := []string{value}
			if f.Type == "list" {
				texts = splitList(value)
			}
			settings[f.Path] = setting{texts: texts, origin: Origin{Source: FromEnvironment, Variable: f.Env}}
		}
	}
	refuseUnknown(ours, fields, p)
	return settings
}

// refuseUnknown reports variables that belong to no key, also empty ones.
func refuseUnknown(unclaimed map[string]string, fields []field, p *problems) {
	var names []string
	for _, f := range fields {
		names = append(names, f.Env)
		if f.Secret {
			names = append(names, f.Env+fileSuffix)
		}
	}
	for name := range unclaimed {
		otherwise := "unset it: variables that begin with " + envPrefix + " are netsync's own"
		p.add(&Error{Key: name, Problem: "unknown environment variable", Remedy: didYouMean(shared.Nearest(name, names, 2), otherwise)})
	}
}

// readSecret reads a file, and removes one newline from its end.
func readSecret(path, base string) (string, error) {
	f, err := os.Open(resolvePath(path, base))
	if err != nil {
		return "", fmt.Errorf("cannot read the secret: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return "", fmt.Errorf("cannot read the secret: %w", err)
	} else if info.IsDir() {
		return "", errors.New("names a folder")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("cannot read the secret: %w", err)
	}
	if len(data) > maxSecretFile {
		return "", fmt.Errorf("names a file larger than %d KiB", maxSecretFile>>10)
	}
	text := strings.TrimSuffix(string(data), "\n")
	text = strings.TrimSuffix(text, "\r")
	if text == "" {
		return "", errors.New("names an empty file")
	}
	return text, nil
}

// splitList splits a text at its commas.
func splitList(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// resolvePath returns an absolute path; a relative one is below base.
func resolvePath(path, base string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}
