package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// importsOf lists which packages each package may import. A name that ends with …
// stands for all packages below it, too.
var importsOf = map[string][]string{
	"schema":                           {},
	"schema/sample":                    {},
	"schema/testkit/corpora":           {"schema/testkit/npmtest"},
	"schema/testkit/npmtest":           {"schema/testkit/porttest"},
	"schema/testkit/porttest":          {},
	"schema/failpoint":                 {},
	"schema/shared/gitcommand":         {},
	"schema/shared/gitcommand/gittest": {},
	"schema/shared":                    {},
	"schema/shared/githubapi":          {},
	"schema/words":                     {},
	"schema/event":                     {"schema"},
	"schema/event/eventtest":           {"schema", "schema/event"},
	"schema/story":                     {"schema", "schema/event", "schema/words"},
	"schema/stream":                    {"schema", "schema/event"},
	"schema/stream/streamtest":         {"schema", "schema/event", "schema/testkit/porttest", "schema/stream"},

	"worker":          {"worker/…", "schema/…"},
	"worker/git":      {"schema/shared/gitcommand"},
	"worker/yaml":     {"schema"},
	"worker/snapshot": {"schema", "schema/shared", "worker/asset", "worker/git", "worker/yaml"},
	"worker/asset":    {"schema"},
	"worker/validate": {"schema", "worker/asset", "worker/snapshot", "worker/yaml", "schema/shared"},
	"worker/format":   {"schema", "worker/snapshot", "worker/yaml"},
	"worker/diff":     {"schema", "schema/event", "schema/shared"},
	"worker/journal":  {"schema", "schema/event", "schema/failpoint", "schema/stream"},
	"worker/github":   {"schema", "schema/event", "schema/story", "schema/shared", "schema/shared/githubapi"},

	"worker/github/githubtest": {"schema/testkit/npmtest"},

	"publishers":                        {"publishers/release", "schema/…"},
	"publishers/release":                {"schema/failpoint", "schema/shared"},
	"publishers/release/releasetest":    {"publishers/release"},
	"publishers/markup":                 {},
	"publishers/target":                 {"publishers/release", "schema/event", "schema/shared/gitcommand", "schema/shared", "schema/shared/githubapi"},
	"publishers/publishertest":          {"publishers", "publishers/release", "schema/…"},
	"publishers/snapshot":               {"publishers", "schema", "schema/event", "schema/shared"},
	"publishers/subscribe":              {"schema", "schema/event", "schema/stream"},
	"publishers/subscribe/examples/go":  {"publishers/subscribe", "schema/event"},
	"publishers/delivery":               {"schema", "schema/event", "schema/stream"},
	"publishers/delivery/deliverytest":  {"publishers/delivery", "publishers/publishertest", "schema/…"},
	"publishers/delivery/webhook":       {"publishers/delivery", "schema/event", "schema/shared"},
	"publishers/website":                {"publishers", "publishers/release", "publishers/snapshot", "schema/story", "publishers/markup", "schema", "schema/event", "schema/words", "schema/shared"},
	"publishers/website/webtest":        {"schema", "schema/testkit/corpora", "schema/testkit/npmtest"},
	"publishers/feed":                   {"publishers", "publishers/release", "schema/story", "publishers/markup", "schema", "schema/event"},
	"publishers/newsletter":             {"publishers", "publishers/release", "publishers/newsletter/draft", "publishers/newsletter/listmonk", "publishers/newsletter/mail", "publishers/newsletter/subscribers", "schema/story", "publishers/markup", "schema", "schema/event", "schema/stream", "schema/shared", "schema/words"},
	"publishers/newsletter/draft":       {"publishers", "publishers/markup", "schema", "schema/event", "schema/story", "schema/stream", "schema/words", "schema/shared"},
	"publishers/newsletter/listmonk":    {},
	"publishers/newsletter/mail":        {"schema/shared"},
	"publishers/newsletter/signup":      {"publishers/newsletter", "publishers/newsletter/subscribers", "schema", "schema/words"},
	"publishers/newsletter/subscribers": {"schema", "schema/event", "schema/stream"},

	"publishers/newsletter/listmonk/listmonktest": {"schema/testkit/npmtest", "schema/testkit/porttest"},

	"config": {"schema/shared"},

	"cmd/internal/backup":      {"publishers/newsletter", "publishers/newsletter/subscribers", "publishers/delivery", "schema", "schema/event", "schema/stream"},
	"cmd/internal/broker":      {"schema/failpoint", "schema/shared"},
	"cmd/internal/cli":         {"config", "schema/event", "schema/shared"},
	"cmd/internal/client":      {},
	"cmd/internal/live":        {"schema", "schema/event", "schema/stream"},
	"cmd/internal/mailcatcher": {"schema/shared"},
	"cmd/internal/maintain":    {"cmd/internal/cli", "cmd/internal/preview", "publishers/snapshot", "publishers/website", "schema", "schema/…", "worker", "worker/…"},
	"cmd/internal/notify":      {},
	"cmd/internal/schedule":    {},
	"cmd/internal/ops":         {"publishers", "publishers/release", "publishers/target", "schema", "schema/event", "worker", "worker/github", "schema/shared"},
	"cmd/internal/process":     {"cmd/internal/backup", "cmd/internal/broker", "cmd/internal/cli", "cmd/internal/client", "cmd/internal/live", "cmd/internal/notify", "cmd/internal/ops", "cmd/internal/schedule", "config", "publishers/…", "schema/…", "worker/…"},
	"cmd/internal/operate":     {"cmd/internal/backup", "cmd/internal/broker", "cmd/internal/cli", "cmd/internal/mailcatcher", "cmd/internal/maintain", "cmd/internal/ops", "cmd/internal/process", "config", "publishers/…", "schema/…", "worker/…"},
	"cmd/internal/audience":    {"cmd/internal/cli", "cmd/internal/process", "publishers/…", "schema/…"},
	"cmd/internal/preview":     {"cmd/internal/ops", "publishers", "publishers/website", "schema", "schema/event", "worker", "worker/diff", "worker/git", "worker/snapshot", "worker/validate", "schema/shared"},
	"cmd/internal/chaos":       {},
	"cmd/internal/bench":       {"cmd/internal/broker", "publishers", "publishers/feed", "publishers/newsletter", "publishers/newsletter/subscribers", "publishers/website", "schema", "schema/event", "schema/stream", "worker", "worker/git", "worker/journal"},
	"cmd/internal/bench/same":  {"cmd/internal/mailcatcher", "schema/sample"},
	"cmd/netsync":              {"cmd/internal/audience", "cmd/internal/cli", "cmd/internal/maintain", "cmd/internal/operate"},
}

// A goPackage is a package as go list describes it.
type goPackage struct {
	ImportPath string
	Dir        string
	Imports    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports", "netsync/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p goPackage
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, "netsync/")
		may, ok := importsOf[name]
		if !ok {
			t.Errorf("%s has no row in importsOf", name)
			continue
		}
		for _, path := range p.Imports {
			if other, ours := strings.CutPrefix(path, "netsync/"); ours && !mayImport(may, other) {
				t.Errorf("%s must not import %s", name, other)
			}
		}
	}
}

func mayImport(allowed []string, name string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		above, all := strings.CutSuffix(a, "/…")
		return a == name || (all && (name == above || strings.HasPrefix(name, above+"/")))
	})
}

func TestTopLevelFoldersAreTheOwners(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		top, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, "netsync/"), "/")
		if !slices.Contains([]string{"cmd", "worker", "publishers", "schema", "config"}, top) {
			t.Errorf("%s is outside of the five folders", p.ImportPath)
		}
	}
}
