package config_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"netsync/config"
)

var update = flag.Bool("update", false, "write the golden files")

const full = `# What the university's networks look like to the world.
dataset:
  repository: networks.git
  path: data/
  schedule: CRON_TZ=Europe/Amsterdam */5 * * * *
newsletter:
  from: Networks <networks@example.org>
  smtp: smtp://user:hunter2@mail.example.org:587
  recipients:
    - staff@example.org
    - Board <board@example.org>
  grace: 2d
log: {level: debug}
`

func printed(t *testing.T, c *config.Config) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPrintShowsValuesAndWhereTheyCameFrom(t *testing.T) {
	const golden = "testdata/print.golden"
	c := parse(t, full, "NETSYNC_NATS_URL=nats://user:hunter2@nats.example.org", "NETSYNC_GITHUB_TOKEN=hunter2", "NETSYNC_WEBSITE_BASE_URL=https://example.org/networks/")
	got := printed(t, c)
	if strings.Contains(got, "hunter2") {
		t.Errorf("a secret shows:\n%s", got)
	}
	if *update {
		write(t, golden, got)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
	marshalled, err := yaml.Dump(c, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, string(marshalled)); diff != "" {
		t.Errorf("marshalling and printing differ:\n%s", diff)
	}
}

func TestWhatIsPrintedCanBeReadAgain(t *testing.T) {
	const secret = "  smtp: smtp://user:hunter2@mail.example.org:587\n"
	for _, file := range []string{"", strings.Replace(full, secret, "", 1)} {
		first := printed(t, parse(t, file))
		second := printed(t, parse(t, first))
		if diff := cmp.Diff(values(first), values(second)); diff != "" {
			t.Error(diff)
		}
	}
}

// values is a printed configuration without the comments.
func values(printed string) []string {
	var lines []string
	for line := range strings.Lines(printed) {
		value, _, _ := strings.Cut(line, " # ")
		lines = append(lines, value)
	}
	return lines
}
