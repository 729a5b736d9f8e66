package config

import (
	"cmp"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A PushTarget is a place that the website is pushed to: one of a Git
// repository, a repository on GitHub, and a bucket of S3-compatible storage.
// The yaml tags are its keys.
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

// defaultBranch is where GitHub Pages looks.
const defaultBranch = "gh-pages"

// fileKey makes a key of a secret name a file that holds it.
const fileKey = "_file"

// kinds are the keys of which a target has one, and the keys that go with each.
var kinds = map[string][]string{
	"git":    {"name", "branch", "path", "token"},
	"github": {"name", "branch", "path", "token"},
	"s3":     {"name", "region", "access_key", "secret_key"},
}

// kind is the key that says where the target is.
func (t PushTarget) kind() string {
	for _, kind := range []string{"git", "github", "s3"} {
		if t.text(kind) != "" {
			return kind
		}
	}
	return ""
}

func (t *PushTarget) text(key string) string {
	for f, v := range reflect.ValueOf(t).Elem().Fields() {
		if f.Tag.Get("yaml") == key {
			return v.String()
		}
	}
	return ""
}

// set sets a key; false says that there is none of that name.
func (t *PushTarget) set(key, value string) bool {
	for f, v := range reflect.ValueOf(t).Elem().Fields() {
		if f.Tag.Get("yaml") == key {
			v.SetString(value)
			return true
		}
	}
	return false
}

// isSecretKey reports whether the value of a target's key is a secret.
func isSecretKey(key string) bool {
	for f := range reflect.TypeFor[PushTarget]().Fields() {
		if f.Tag.Get("yaml") == key {
			return f.Type == reflect.TypeFor[Secret]()
		}
	}
	return false
}

// targetKeys are the keys of a target, those of files among them.
func targetKeys() []string {
	var keys []string
	for f := range reflect.TypeFor[PushTarget]().Fields() {
		key := f.Tag.Get("yaml")
		if keys = append(keys, key); f.Type == reflect.TypeFor[Secret]() {
			keys = append(keys, key+fileKey)
		}
	}
	return keys
}

// targets reads a list of targets: each a mapping or, for a Git repository,
// address#branch.
func (r *reader) targets(f field, n *yaml.Node) []PushTarget {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	var all []PushTarget
	for _, item := range items {
		if r.unplain(item, f.Path) {
			continue
		}
		t, ok := r.target(f, item)
		if !ok {
			continue
		}
		if t.Name == "" {
			t.Name = freeName(t.kind(), all)
		}
		if slices.ContainsFunc(all, func(o PushTarget) bool { return o.Name == t.Name }) {
			r.at(item, f.Path, fmt.Sprintf("has two targets of the name %q", t.Name), "give each a name of its own")
			continue
		}
		all = append(all, t)
	}
	return all
}

func freeName(kind string, taken []PushTarget) string {
	name := kind
	for i := 2; slices.ContainsFunc(taken, func(t PushTarget) bool { return t.Name == name }); i++ {
		name = fmt.Sprintf("%s-%d", kind, i)
	}
	return name
}

// target reads one target, and reports whether it is right.
func (r *reader) target(f field, n *yaml.Node) (PushTarget, bool) {
	var t PushTarget
	before := len(*r.problems)
	switch {
	case n.Kind == yaml.ScalarNode && !isNull(n):
		t.Git, t.Branch, _ = strings.Cut(n.Value, "#")
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.targetEntry(f, &t, n.Content[i], n.Content[i+1])
		}
	default:
		r.at(n, f.Path, "has an item that is no target", "write each as \"- git: ADDRESS\", \"- github: OWNER/NAME\" or \"- s3: https://ENDPOINT/BUCKET\"")
	}
	if len(*r.problems) > before {
		return t, false
	}
	if flt := t.check(r.base); flt != nil {
		r.at(n, f.Path, flt.problem, flt.remedy)
		return t, false
	}
	return t, true
}

func (r *reader) targetEntry(f field, t *PushTarget, key, value *yaml.Node) {
	path := f.Path + "." + key.Value
	if r.unplain(value, path) || isNull(value) {
		return
	}
	if value.Kind != yaml.ScalarNode {
		r.at(value, path, "must be a text", "write it as \"key: value\" on one line")
		return
	}
	if flt := plainText(value.Value); flt != nil {
		r.at(value, path, flt.problem, flt.remedy)
		return
	}
	name, fromFile := strings.CutSuffix(key.Value, fileKey)
	text := value.Value
	switch {
	case !fromFile && isSecretKey(name) && text == redacted:
		r.at(value, path, "is the placeholder that stands for a hidden secret", "give the secret itself, best by "+path+fileKey)
		return
	case fromFile && isSecretKey(name):
		secret, err := readSecret(text, r.base)
		if err != nil {
			r.at(value, path, err.Error(), "name a readable file that holds the value and nothing else")
			return
		}
		text = secret
	case fromFile:
		name = key.Value
	}
	if t.text(name) != "" {
		r.at(key, path, "is there twice", "keep one of them")
		return
	}
	if !t.set(name, text) {
		r.at(key, path, "unknown key", didYouMean(suggest(key.Value, targetKeys()), "the keys here are "+strings.Join(targetKeys(), ", ")))
	}
}

// check holds a target against the rules, and brings it into its normal form.
func (t *PushTarget) check(base string) *fault {
	kind := t.kind()
	for key := range kinds {
		if key != kind && t.text(key) != "" {
			return &fault{fmt.Sprintf("has a target with both %s and %s", kind, key), "make two targets of it"}
		}
	}
	if kind == "" {
		return &fault{"has a target that says no place", "give it git, github or s3"}
	}
	for _, key := range targetKeys() {
		if key != kind && t.text(key) != "" && !slices.Contains(kinds[kind], key) {
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

// checkToken keeps a token from going over the network for all to read.
func (t *PushTarget) checkToken() *fault {
	if u, ok := parseURL(t.Git); ok && u.Scheme == "http" && t.Token != "" && !isLoopback(u) {
		return &fault{"has a token for an address without TLS, where everybody can read it", "use https"}
	}
	return nil
}

// checkS3 takes the slashes off the end.
func (t *PushTarget) checkS3() *fault {
	u, ok := parseURL(t.S3)
	if !ok || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		strings.Trim(u.Path, "/") == "" || strings.Contains(u.Path, "//") {
		return &fault{"has an s3 that is no bucket", "write it as https://ENDPOINT/BUCKET or https://ENDPOINT/BUCKET/FOLDER, with the keys in access_key and secret_key"}
	}
	if u.Scheme == "http" && !isLoopback(u) {
		return &fault{"has an s3 without TLS", "use https"}
	}
	t.S3 = strings.TrimRight(t.S3, "/")
	return checkWord(t.Region, `^[A-Za-z0-9-]{0,64}$`, "write the bucket's region, such as eu-west-1")
}

func isLoopback(u *url.URL) bool {
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

// pushNode is what Print writes of targets.
func pushNode(all []PushTarget) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if len(all) == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, t := range all {
		item := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for f, v := range reflect.ValueOf(t).Fields() {
			if text := fmt.Sprint(v.Interface()); text != "" {
				item.Content = append(item.Content, textNode(f.Tag.Get("yaml")), textNode(text))
			}
		}
		list.Content = append(list.Content, item)
	}
	return list
}

// readTargets reads what the environment says of targets: a list in YAML's
// flow style, or addresses of Git repositories with commas between.
func readTargets(f field, text, base string, p *problems) []PushTarget {
	r := &reader{base: base, problems: &problems{}}
	f.Path = f.Env
	node := &yaml.Node{Kind: yaml.SequenceNode}
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		var document yaml.Node
		if err := yaml.Load([]byte(text), &document); err != nil || len(document.Content) != 1 {
			p.add(&Error{Key: f.Env, Problem: "is not YAML", Remedy: "write [{git: ADDRESS, branch: gh-pages}]"})
			return nil
		}
		node = document.Content[0]
	} else {
		for _, item := range splitList(text) {
			node.Content = append(node.Content, textNode(item))
		}
	}
	all := r.targets(f, node)
	*p = append(*p, *r.problems...)
	return all
}

// Author is name and address of website.push_author.
func (w Website) Author() (name, address string) {
	a, err := mail.ParseAddress(w.PushAuthor)
	if err != nil {
		return "", "" // it was checked when it was read
	}
	return a.Name, a.Address
}

// checkPush gives targets what they do not say themselves, and reports what is
// missing then.
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
