package website_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"netsync/publishers/website"
)

// TestAStartRendersOnlyWhatIsDifferent opens a published site as a new process
// does, and publishes the same edition again.
func TestAStartRendersOnlyWhatIsDifferent(t *testing.T) {
	t.Parallel()
	theme := t.TempDir()
	write := func(t *testing.T, name, text string) {
		t.Helper()
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(text), 0o600))
	}
	label := filepath.Join(theme, "labels", "en.json")
	write(t, label, `{"networks": "Alliances"}`)
	for name, test := range map[string]struct {
		change func(t *testing.T, c *website.Config)
		want   int // number of full renderings
	}{
		"nothing":   {func(*testing.T, *website.Config) {}, 0},
		"a setting": {func(_ *testing.T, c *website.Config) { c.Feeds = false }, 1},
		"the newsletter": {func(_ *testing.T, c *website.Config) {
			c.Mail = website.Mail{Archive: "https://www.example.org/newsletter/archive/", Signup: "https://www.example.org/newsletter/subscribe"}
		}, 1},
		"the address":   {func(_ *testing.T, c *website.Config) { c.BaseURL = "https://other.example.org" }, 1},
		"another theme": {func(_ *testing.T, c *website.Config) { c.Theme = "" }, 1},
		"a file": {func(t *testing.T, c *website.Config) {
			name := filepath.Join(c.Dir, "current", "networks", "iau", "index.html")
			must(t, os.Chmod(name, 0o600))
			must(t, os.WriteFile(name, []byte("damaged"), 0o600))
		}, 1},
		"who made it": {func(t *testing.T, c *website.Config) {
			write(t, filepath.Join(c.Dir, "maker.json"), `{"release": "`)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sampleStory(t)
			config := website.Config{Dir: t.TempDir(), BaseURL: "https://www.example.org", Feeds: true, Theme: theme, Log: zap.NewNop()}
			open := func() *website.Site {
				site, err := website.New(config)
				must(t, err)
				return site
			}
			publish(t, open(), s.edition(0, true))
			test.change(t, &config)
			core, logs := observer.New(zapcore.DebugLevel)
			config.Log = zap.New(core)
			site := open()
			publish(t, site, s.edition(1, false))
			if n := logs.FilterMessage("rendered").Len(); n != test.want {
				t.Errorf("rendered %d times, not %d", n, test.want)
			}
			s.addChangeset(false, s.editRecord(parseID("networks/iau"), map[string]any{"founded": "1951"}))
			publish(t, site, s.edition(1, false))
			if n := logs.FilterMessage("rendered").FilterField(zap.Bool("whole", true)).Len(); n != test.want {
				t.Errorf("rendered %d times as a whole, not %d", n, test.want)
			}
			fresh := config
			fresh.Dir, fresh.Log = t.TempDir(), zap.NewNop()
			whole, err := website.New(fresh)
			must(t, err)
			publish(t, whole, s.edition(0, true))
			checkSameFiles(t, t, current(config.Dir), current(fresh.Dir))
		})
	}
}
