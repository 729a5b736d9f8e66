package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netsync/config"
)

func TestTargetsAreReadFromFileAndEnvironment(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		yaml string
		env  []string
		want []config.PushTarget
	}{
		"none": {"", nil, nil},
		"each kind": {`website:
  push:
    - git: site.git
      path: public/
    - {name: copy, git: "https://example.org/s.git", branch: main, token_file: ` + secret + `}
    - github: o/r
    - {s3: "https://s3.example.org/bucket/sub/", region: eu-west-1}
`, []string{"NETSYNC_GITHUB_TOKEN=gh", "NETSYNC_WEBSITE_PUSH_ACCESS_KEY=ak", "NETSYNC_WEBSITE_PUSH_SECRET_KEY_FILE=" + secret}, []config.PushTarget{
			{Name: "git", Git: "/etc/netsync/site.git", Branch: "gh-pages", Path: "public"},
			{Name: "copy", Git: "https://example.org/s.git", Branch: "main", Token: "hunter2"},
			{Name: "github", GitHub: "o/r", Branch: "gh-pages", Token: "gh"},
			{Name: "s3", S3: "https://s3.example.org/bucket/sub", Region: "eu-west-1", AccessKey: "ak", SecretKey: "hunter2"},
		}},
		"one, short":    {"website: {push: 'ssh://git@example.org/s.git#main'}", nil, []config.PushTarget{{Name: "git", Git: "ssh://git@example.org/s.git", Branch: "main"}}},
		"short, by env": {"", []string{"NETSYNC_WEBSITE_PUSH=/srv/a.git,/srv/b.git#x"}, []config.PushTarget{{Name: "git", Git: "/srv/a.git", Branch: "gh-pages"}, {Name: "git-2", Git: "/srv/b.git", Branch: "x"}}},
		"long, by env":  {"website: {push: other}", []string{`NETSYNC_WEBSITE_PUSH=[{git: /srv/a.git, path: x}]`}, []config.PushTarget{{Name: "git", Git: "/srv/a.git", Branch: "gh-pages", Path: "x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, test.yaml, test.env...)
			if diff := cmp.Diff(test.want, c.Website.Push); diff != "" {
				t.Error(diff)
			}
			if got := printed(t, c); strings.Contains(got, "hunter2") {
				t.Errorf("a secret shows:\n%s", got)
			}
		})
	}
}

func TestWrongTargetsAreRefused(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"[{branch: main}]":                                        "netsync.yaml:1:18: website.push: has a target that says no place",
		"[{git: a, s3: 'https://h/b'}]":                           "with both",
		"[{git: a, region: x}]":                                   "has region, which does not go with git",
		"[{github: a}]":                                           "is no repository on GitHub",
		"[{git: 'ext::sh -c x'}]":                                 "transport",
		"[{git: 'https://u:hunter2@h/r'}]":                        "has credentials in the address",
		"[{git: 'http://example.org/r', token: hunter2}]":         "without TLS",
		"[{git: a, path: ../x}]":                                  "is not inside the repository",
		"[{git: a, branch: '-x'}]":                                "is not the name of a branch",
		"[{git: a, brunch: x}]":                                   "did you mean branch?",
		"[{git: a, token: '[redacted]'}]":                         "placeholder",
		"[{git: a, token_file: /none/x}]":                         "cannot read the secret",
		"[{git: a, name: A b}]":                                   "has a target whose name",
		"[{git: a, name: x}, {git: b, name: x}]":                  "two targets",
		"[{github: o/r}]":                                         "there is no token for it",
		"[{s3: 'https://h/b'}]":                                   "there are no keys for it",
		"[{s3: 'https://h', access_key: a, secret_key: hunter2}]": "is no bucket",
		"[{s3: 'http://h/b', access_key: a, secret_key: b}]":      "without TLS",
		"[[x]]": "is no target",
	} {
		_, err := config.Parse("netsync.yaml", []byte("website: {push: "+yaml+"}"), nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", yaml, err, want)
		}
	}
}
