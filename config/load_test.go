package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netsync/config"
)

func parse(t *testing.T, yaml string, environ ...string) *config.Config {
	t.Helper()
	c, err := config.Parse("/etc/netsync/netsync.yaml", []byte(yaml), environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNothingSetGivesTheDefaults(t *testing.T) {
	c := parse(t, "")
	switch {
	case c.Dataset.Ref != "main", c.Dataset.Schedule.String() != "@every 1m", c.Dataset.OnInvalid != config.Quarantine,
		c.NATS.Listen != "127.0.0.1:4222", c.NATS.Replicas != 1, c.DataDir != "/etc/netsync/data",
		c.HTTP.Listen != "127.0.0.1:8080", c.Website.BaseURL != "http://127.0.0.1:8080", !c.Website.Enabled,
		c.Feed.Schedule.String() != "@hourly", c.Feed.Items != 100,
		c.Newsletter.Schedule.String() != "0 8 * * MON", c.Newsletter.Grace.Std() != 24*time.Hour,
		c.Log.Level != config.LevelInfo, c.Log.Format != config.FormatAuto:
		t.Errorf("defaults are %+v", c)
	}
	err := c.RequireRepository()
	if e, ok := errors.AsType[*config.Error](err); !ok || e.Key != "dataset.repository" || e.Remedy == "" {
		t.Errorf("RequireRepository() = %v", err)
	}
	if err := parse(t, "dataset: {repository: x}").RequireRepository(); err != nil {
		t.Errorf("RequireRepository() = %v with one", err)
	}
}

func TestEnvironmentOverridesTheFile(t *testing.T) {
	c := parse(t, "http:\n  listen: 127.0.0.1:1\nlog: {level: warn}\n",
		"NETSYNC_HTTP_LISTEN=:9000", "NETSYNC_LOG_LEVEL=", "NETSYNC_TEST_ANYTHING=1", "HOME=/",
		"NETSYNC_NEWSLETTER_RECIPIENTS=a@example.org, B <b@example.org>,")
	if c.HTTP.Listen != ":9000" || c.Website.BaseURL != "http://localhost:9000" {
		t.Errorf("listen %q, base URL %q", c.HTTP.Listen, c.Website.BaseURL)
	}
	if c.Log.Level != config.LevelWarn {
		t.Errorf("an empty variable overrode the file: %q", c.Log.Level)
	}
	if want := []string{"a@example.org", "B <b@example.org>"}; !slices.Equal(c.Newsletter.Recipients, want) {
		t.Errorf("recipients are %q", c.Newsletter.Recipients)
	}
	for key, want := range map[string]string{"http.listen": "NETSYNC_HTTP_LISTEN", "log.level": "/etc/netsync/netsync.yaml:3", "data_dir": "default"} {
		if got := c.Origin(key).String(); got != want {
			t.Errorf("Origin(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestEveryKeyIsReachableFromTheEnvironment(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range config.Keys() {
		if k.Doc == "" || k.Type == "" || seen[k.Env] {
			t.Errorf("key %+v lacks something, or its variable is taken", k)
		}
		seen[k.Env] = true
		value := k.Default
		if value == "" {
			continue
		}
		c, err := config.Parse("", nil, []string{k.Env + "=" + value})
		if err != nil {
			t.Errorf("%s=%s: %v", k.Env, value, err)
		} else if c.Origin(k.Path).Variable != k.Env {
			t.Errorf("%s came from %v", k.Path, c.Origin(k.Path))
		}
	}
}

func TestRelativePathsAreBelowTheFilesFolder(t *testing.T) {
	tests := []struct{ repository, want string }{
		{"networks", "/etc/netsync/networks"},
		{"../networks.git", "/etc/networks.git"},
		{"/srv/git/x", "/srv/git/x"},
		{"./a:b", "/etc/netsync/a:b"},
		{"https://example.org/x.git", "https://example.org/x.git"},
		{"git@example.org:x/y.git", "git@example.org:x/y.git"},
		{"ssh://git@example.org/x", "ssh://git@example.org/x"},
		{"file:///srv/git", "file:///srv/git"},
	}
	for _, tt := range tests {
		c := parse(t, "data_dir: d\nwebsite: {theme: t}\nnats: {credentials: c}\n", "NETSYNC_DATASET_REPOSITORY="+tt.repository)
		if c.Dataset.Repository != tt.want {
			t.Errorf("repository %q became %q, want %q", tt.repository, c.Dataset.Repository, tt.want)
		}
		if c.DataDir != "/etc/netsync/d" || c.Website.Theme != "/etc/netsync/t" || c.NATS.Credentials != "/etc/netsync/c" {
			t.Errorf("paths are %q, %q, %q", c.DataDir, c.Website.Theme, c.NATS.Credentials)
		}
	}
}

func TestSecretComesFromAFileWithoutItsNewline(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "netsync.yaml")
	write(t, name, "github: {token: from-file}\n")
	write(t, filepath.Join(dir, "token"), "s3cret\n")
	c, err := config.Load(name, []string{"NETSYNC_GITHUB_TOKEN_FILE=token"})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.GitHub.Token.Reveal(); got != "s3cret" {
		t.Errorf("token is %q", got)
	}
	write(t, filepath.Join(dir, "token"), "s3cret\n\n")
	if _, err := config.Load(name, []string{"NETSYNC_GITHUB_TOKEN_FILE=token"}); err == nil {
		t.Error("a second newline was accepted")
	} else if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error shows the secret: %v", err)
	}
}

func TestLoadWithoutAFile(t *testing.T) {
	c, err := config.Load("", []string{"NETSYNC_DATASET_REPOSITORY=here"})
	if err != nil {
		t.Fatal(err)
	}
	wd, _ := os.Getwd()
	if want := filepath.Join(wd, "here"); c.Dataset.Repository != want || c.File() != "" {
		t.Errorf("repository %q, want %q; file %q", c.Dataset.Repository, want, c.File())
	}
	_, err = config.Load("/nowhere/netsync.yaml", nil)
	if e, ok := errors.AsType[*config.Error](err); !ok || !errors.Is(err, fs.ErrNotExist) || e.File == "" || e.Remedy == "" {
		t.Errorf("Load of no file: %v", err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
