package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.yaml.in/yaml/v4"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/operate"
	"netsync/worker/github/githubtest"
)

// A metric is what a scrape, or the table of metrics, says of one.
type metric struct{ kind, labels, help string }

// observed starts a demo that has something to say on every metric, and returns
// it and what it says.
func observed(t *testing.T) (d *demoProcess, scrape string) {
	t.Helper()
	hub := httptest.NewServer(&githubtest.Server{Login: "netsync-bot"})
	t.Cleanup(hub.Close)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(receiver.Close)
	d = newDemo(t)
	settings := fmt.Sprintf("\ngithub: {token: secret, report: status, repository: o/r, api_url: %q, webhook_secret: %q}\nwebsite: {push: site.git}\n"+
		"backup: {to: backups, schedule: '@every 1s', key: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p}\n"+
		"webhooks: {endpoints: [{name: intranet, url: %q, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, private: 127.0.0.0/8}]}\n", hub.URL, webhookSecret, receiver.URL)
	if out, err := exec.Command("git", "init", "--quiet", "--bare", filepath.Join(d.dir, "site.git")).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(d.dir, "netsync.yaml"), []byte(fmt.Sprintf(operate.DemoYAML, d.http, d.nat)+settings), 0o644); err != nil {
		t.Fatal(err)
	}
	d.start()
	if out, code := netsync(t, "digest", "send", "-c", d.config()); code != cli.ExitDone {
		t.Fatalf("netsync digest send: exit code %d\n%s", code, out)
	}
	d.wait("the endpoint to begin", func() bool {
		out, _ := netsync(t, "webhooks", "list", "--json", "-c", d.config())
		return strings.Contains(out, `"sequence": 19`)
	})
	d.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	d.commit("Another member")
	d.wait("all metrics", func() bool {
		scrape = d.get("/metrics")
		return strings.Contains(scrape, "netsync_webhook_last_delivered_timestamp_seconds") && strings.Contains(scrape, "netsync_channel_last_published_timestamp_seconds") &&
			strings.Contains(scrape, "netsync_newsletter_subscribers") && strings.Contains(scrape, "netsync_backup_done_timestamp_seconds") &&
			strings.Contains(scrape, "netsync_target_last_pushed_timestamp_seconds") && strings.Contains(scrape, `netsync_worker_passes_total{outcome="published"} 2`)
	})
	return d, scrape
}

var (
	helpLine   = regexp.MustCompile(`(?m)^# HELP (netsync_\S+) (.*)$`)
	typeLine   = regexp.MustCompile(`(?m)^# TYPE (netsync_\S+) (\S+)$`)
	sampleLine = regexp.MustCompile(`(?m)^(netsync_\w+)\{(.*)\} `)
	labelName  = regexp.MustCompile(`(\w+)="`)
)

// scraped reads the text format.
func scraped(text string) map[string]metric {
	all := make(map[string]metric)
	for _, m := range helpLine.FindAllStringSubmatch(text, -1) {
		all[m[1]] = metric{help: m[2]}
	}
	for _, m := range typeLine.FindAllStringSubmatch(text, -1) {
		one := all[m[1]]
		one.kind = m[2]
		all[m[1]] = one
	}
	for _, m := range sampleLine.FindAllStringSubmatch(text, -1) {
		name := family(m[1], all)
		var labels []string
		for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
			if l[1] != "le" {
				labels = append(labels, l[1])
			}
		}
		one := all[name]
		one.labels = strings.Join(labels, ", ")
		all[name] = one
	}
	return all
}

// family is the metric that a series belongs to.
func family(series string, all map[string]metric) string {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if base, ok := strings.CutSuffix(series, suffix); ok && all[base].kind == "histogram" {
			return base
		}
	}
	return series
}

func TestEveryMetricIsDescribedAndWellNamed(t *testing.T) {
	t.Parallel()
	_, scrape := observed(t)
	problems, err := promlint.New(strings.NewReader(scrape)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "netsync_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	found, described := scraped(scrape), metricsTable(t)
	if !maps.Equal(found, described) {
		for _, name := range slices.Sorted(maps.Keys(found)) {
			if found[name] != described[name] {
				t.Errorf("the table of metrics lacks the line\n| `%s` | %s | %s | %s |", name, found[name].kind, found[name].labels, found[name].help)
			}
		}
		for name := range described {
			if _, ok := found[name]; !ok {
				t.Errorf("the table of metrics has %s, and a running process does not", name)
			}
		}
	}
}

// metricsTable reads the table of config/deploy/README.md.
func metricsTable(t *testing.T) map[string]metric {
	t.Helper()
	text := deployFile(t, "README.md")
	all := make(map[string]metric)
	for _, m := range regexp.MustCompile("(?m)^\\| `(netsync_\\w+)` \\| (\\w+) \\| (.*?) \\| (.*) \\|$").FindAllStringSubmatch(text, -1) {
		all[m[1]] = metric{m[2], strings.TrimSpace(m[3]), m[4]}
	}
	return all
}

func deployFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../config/deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var metricName = regexp.MustCompile(`netsync_\w+`)

// TestWhatIsWatchedIsMeasured: the alerts and the dashboard ask for metrics that
// there are. The table of metrics is held to a running process above.
func TestWhatIsWatchedIsMeasured(t *testing.T) {
	t.Parallel()
	known := metricsTable(t)
	expressions := append(alerts(t), dashboard(t)...)
	if len(expressions) < 20 {
		t.Fatalf("only %d expressions", len(expressions))
	}
	for _, expression := range expressions {
		for _, name := range metricName.FindAllString(expression, -1) {
			if _, ok := known[family(name, known)]; !ok {
				t.Errorf("%s: there is no metric %s", expression, name)
			}
		}
	}
}

// alerts returns the expressions of the alert rules, and fails the test where
// a rule does not say what to do.
func alerts(t *testing.T) (expressions []string) {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				For                 string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(deployFile(t, "prometheus/alerts.yml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			for _, key := range []string{"summary", "description", "runbook"} {
				if rule.Annotations[key] == "" {
					t.Errorf("%s has no %s", rule.Alert, key)
				}
			}
			if !slices.Contains([]string{"warning", "critical"}, rule.Labels["severity"]) {
				t.Errorf("%s is %q", rule.Alert, rule.Labels["severity"])
			}
			expressions = append(expressions, rule.Expr)
		}
	}
	return expressions
}

// dashboard returns the expressions of Grafana's panels, and fails the test
// where a panel would not find its data.
func dashboard(t *testing.T) (expressions []string) {
	t.Helper()
	type source struct{ Type, UID string }
	var file struct {
		SchemaVersion int
		Templating    struct {
			List []struct{ Name, Type, Definition string }
		}
		Panels []struct {
			ID         int
			Title      string
			Type       string
			Datasource source
			Targets    []struct {
				Datasource source
				Expr       string
			}
		}
	}
	if err := json.Unmarshal([]byte(deployFile(t, "grafana/netsync.json")), &file); err != nil {
		t.Fatal(err)
	}
	if file.SchemaVersion < 39 || len(file.Templating.List) == 0 || file.Templating.List[0].Type != "datasource" {
		t.Errorf("schema version %d, variables %+v", file.SchemaVersion, file.Templating.List)
	}
	seen := make(map[int]bool)
	for _, panel := range file.Panels {
		if seen[panel.ID] {
			t.Errorf("two panels have the id %d", panel.ID)
		}
		seen[panel.ID] = true
		for _, target := range panel.Targets {
			if want := (source{"prometheus", "${datasource}"}); panel.Datasource != want || target.Datasource != want {
				t.Errorf("panel %q reads %+v", panel.Title, target.Datasource)
			}
			expressions = append(expressions, target.Expr)
		}
	}
	return expressions
}
