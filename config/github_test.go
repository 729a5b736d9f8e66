package config_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"testing"

	"netsync/config"
)

func TestTheRepositoryOnGitHubIsThatOfTheDataset(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"dataset: {repository: 'https://github.com/Leiden/networks.git'}", "Leiden/networks"},
		{"dataset: {repository: 'https://GitHub.com/leiden/net.works/'}", "leiden/net.works"},
		{"dataset: {repository: 'git@github.com:leiden/networks.git'}", "leiden/networks"},
		{"dataset: {repository: 'ssh://git@github.com/leiden/networks'}", "leiden/networks"},
		{"dataset: {repository: 'https://github.com/leiden/networks'}\ngithub: {repository: other/place}", "other/place"},
		{"dataset: {repository: 'https://ghe.example.org/leiden/networks'}\ngithub: {api_url: 'https://ghe.example.org/api/v3'}", "leiden/networks"},
		{"dataset: {repository: 'https://github.com/leiden/networks'}\ngithub: {api_url: 'https://ghe.example.org/api/v3'}", ""},
		{"dataset: {repository: 'https://example.org/leiden/networks'}", ""},
		{"dataset: {repository: 'https://github.com/leiden'}", ""},
		{"dataset: {repository: 'https://github.com/leiden/networks/tree/main'}", ""},
		{"dataset: {repository: '/srv/github.com/leiden/networks'}", ""},
		{"", ""},
	} {
		if got := parse(t, tt.yaml).GitHub.Repository; got != tt.want {
			t.Errorf("%s: reports to %q, not %q", tt.yaml, got, tt.want)
		}
	}
}

func TestTheTokenIsForGitHubAlone(t *testing.T) {
	const enterprise = "\n  api_url: https://ghe.example.org/api/v3"
	for _, tt := range []struct{ repository, more, want string }{
		{"https://github.com/leiden/networks.git", "", "t"},
		{"https://ghe.example.org/leiden/networks", enterprise, "t"},
		{"http://127.0.0.1:8080/leiden/networks", "\n  api_url: http://127.0.0.1:8080/api/v3", "t"},
		{"http://github.com/leiden/networks", "", ""},
		{"https://github.com.example.org/leiden/networks", "", ""},
		{"https://github.com/leiden/networks", enterprise, ""},
		{"git@github.com:leiden/networks.git", "", ""},
		{"ssh://git@github.com/leiden/networks", "", ""},
		{"/srv/networks", "", ""},
	} {
		c := parse(t, "dataset: {repository: '"+tt.repository+"'}\ngithub:\n  token: t"+tt.more)
		if got := c.GitToken(); got != tt.want {
			t.Errorf("%s%s: the token is %q, not %q", tt.repository, tt.more, got, tt.want)
		}
	}
}

func TestWhetherToReportMayBeSaidInOneWord(t *testing.T) {
	for word, want := range map[string]config.GitHubReport{
		"true": config.ReportAuto, "false": config.ReportNone, "auto": config.ReportAuto, "status": config.ReportStatus,
	} {
		if got := parse(t, "github: {token: x, report: "+word+"}").GitHub.Report; got != want {
			t.Errorf("%s is %s, not %s", word, got, want)
		}
	}
}

func TestAPrivateKeyHasManyLines(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	c := parse(t, "github: {report: checks, app_id: Iv23liABC, installation_id: 42}", "NETSYNC_GITHUB_PRIVATE_KEY_FILE="+path)
	if !c.GitHub.HasApp() || c.GitHub.Report != config.ReportChecks {
		t.Errorf("read %+v", c.GitHub)
	}
}
