package config

import (
	"cmp"
	"fmt"
	"net/mail"
	"reflect"
	"slices"
	"strings"

	"netsync/schema/shared"
)

// A PushTarget is a target of pushes of the website: a Git repository, a repository on GitHub,
// or a bucket of S3-compatible storage. The yaml tags are its keys.
type PushTarget struct {
	Name      string `yaml:"name"`       // in status and metrics; unique
	Git       string `yaml:"git"`        // a path or an address, without credentials
	GitHub    string `yaml:"github"`     // owner/name
	S3        string `yaml:"s3"`         // https://endpoint/bucket/prefix
	Branch    string `yaml:"branch"`     // with Git and GitHub
	Path      string `yaml:"path"`       // folder in the repository, with Git and GitHub
	Region    string `yaml:"region"`     // with S3
	Token     Secret `yaml:"token"`      // with Git over https and GitHub
	AccessKey Secret `yaml:"access_key"` // with S3
	SecretKey Secret `yaml:"secret_key"` // with S3
}

// defaultBranch is the branch of GitHub Pages.
const defaultBranch = "gh-pages"

// kinds are the keys of which a target has one, with the keys that belong to each.
var kinds = map[string][]string{
	"git":    {"name", "branch", "path", "token"},
	"github": {"name", "branch", "path", "token"},
	"s3":     {"name", "region", "access_key", "secret_key"},
}

// kind returns the kind of a target: git, github or s3.
func (t PushTarget) kind() string {
	for _, kind := range []string{"git", "github", "s3"} {
		if t.valueOf(kind) != "" {
			return kind
		}
	}
	return ""
}

func (t *PushTarget) valueOf(key string) string {
	v, ok := itemField(reflect.ValueOf(t).Elem(), key)
	if !ok {
		return ""
	}
	return v.String()
}

// shortTarget parses address#branch, the short form of a Git repository.
func shortTarget(text string) item {
	var t PushTarget
	t.Git, t.Branch, _ = strings.Cut(text, "#")
	return &t
}

func (t *PushTarget) nameField() (name *string, without string) { return &t.Name, t.kind() }

// check implements item.
func (t *PushTarget) check(base string) *fault {
	kind := t.kind()
	for key := range kinds {
		if key != kind && t.valueOf(key) != "" {
			return &fault{fmt.Sprintf("has a target with both %s and %s", kind, key), "make two targets of it"}
		}
	}
	if kind == "" {
		return &fault{"has a target that says no place", "give it git, github or s3"}
	}
	for _, key := range itemKeys(reflect.TypeFor[PushTarget]()) {
		if key != kind && t.valueOf(key) != "" && !slices.Contains(kinds[kind], key) {
			return &fault{fmt.Sprintf("has %s, which does not go with %s", key, kind), "take it out; " + kind + " goes with " + strings.Join(kinds[kind], ", ")}
		}
	}
	if t.Name != "" {
		if flt := checkID(t.Name); flt != nil {
			return &fault{"has a target whose name " + flt.problem, flt.remedy}
		}
	}
	if kind == "s3" {
		return t.checkS3()
	}
	return t.checkRepository(base)
}

func (t *PushTarget) checkRepository(base string) *fault {
	if t.Branch == "" {
		t.Branch = defaultBranch
	}
	flt := checkRef(t.Branch)
	if flt == nil {
		t.Path, flt = checkSubfolder(t.Path)
	}
	if flt == nil && t.GitHub != "" {
		flt = checkFullName(t.GitHub)
	}
	if flt == nil && t.Git != "" {
		t.Git, flt = checkRepository(t.Git, base)
	}
	if flt != nil {
		return flt
	}
	return t.checkToken()
}

// checkToken checks that a token is sent encrypted, or stays on this machine.
func (t *PushTarget) checkToken() *fault {
	if u, ok := parseURL(t.Git); ok && u.Scheme == "http" && t.Token != "" && !shared.IsLoopback(u.Hostname()) {
		return &fault{"has a token for an address without TLS, where everybody can read it", "use https"}
	}
	return nil
}

// checkS3 checks a bucket, and removes slashes at the end.
func (t *PushTarget) checkS3() *fault {
	u, ok := parseURL(t.S3)
	if !ok || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		strings.Trim(u.Path, "/") == "" || strings.Contains(u.Path, "//") {
		return &fault{"has an s3 that is no bucket", "write it as https://ENDPOINT/BUCKET or https://ENDPOINT/BUCKET/FOLDER, with the keys in access_key and secret_key"}
	}
	if u.Scheme == "http" && !shared.IsLoopback(u.Hostname()) {
		return &fault{"has an s3 without TLS", "use https"}
	}
	t.S3 = strings.TrimRight(t.S3, "/")
	return checkWord(t.Region, `^[A-Za-z0-9-]{0,64}$`, "write the bucket's region, such as eu-west-1")
}

// Author returns the name and address of website.push_author.
func (w Website) Author() (name, address string) {
	a, err := mail.ParseAddress(w.PushAuthor)
	if err != nil {
		return "", "" // it was checked when it was read
	}
	return a.Name, a.Address
}

// checkPush sets the defaults of targets, and reports missing keys.
func (c *Config) checkPush(report func(key, problem, remedy string)) {
	w := &c.Website
	for i := range w.Push {
		t := &w.Push[i]
		switch t.kind() {
		case "git":
			t.Token = cmp.Or(t.Token, w.PushToken)
			if flt := t.checkToken(); flt != nil {
				report("website.push", flt.problem, flt.remedy)
			}
		case "github":
			if t.Token = cmp.Or(t.Token, c.GitHub.Token); t.Token == "" {
				report("website.push", "has the GitHub repository "+t.GitHub+", and there is no token for it", "set github.token, best by NETSYNC_GITHUB_TOKEN_FILE")
			}
		case "s3":
			t.AccessKey, t.SecretKey = cmp.Or(t.AccessKey, w.PushAccessKey), cmp.Or(t.SecretKey, w.PushSecretKey)
			if t.AccessKey == "" || t.SecretKey == "" {
				report("website.push", "has the bucket "+t.S3+", and there are no keys for it", "set website.push_access_key and website.push_secret_key, best by files")
			}
		}
	}
}
