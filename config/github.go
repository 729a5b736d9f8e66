package config

import (
	"strings"

	"netsync/schema/shared"
)

// checkGitHub reports keys of GitHub's section that do not fit together.
func (c *Config) checkGitHub(report func(key, problem, remedy string)) {
	g := c.GitHub
	if parts := len(g.AppID) + len(g.InstallationID) + len(g.PrivateKey); parts > 0 && !g.HasApp() {
		report(firstSet(g), "is set, and the rest of the GitHub App is not", "set github.app_id, github.installation_id and github.private_key, or none of them")
		return
	}
	switch {
	case g.Report == ReportNone:
	case g.Report == ReportChecks && !g.HasApp():
		report("github.report", "is checks, and no GitHub App is configured", "set github.app_id, github.installation_id and github.private_key, or report by status")
	case g.Token == "" && !g.HasApp():
		report("github.report", "is on, and neither github.token nor a GitHub App is set", "set github.token, best by NETSYNC_GITHUB_TOKEN_FILE")
	case g.Repository == "" && c.Dataset.Repository != "":
		report("github.report", "is on, and dataset.repository is not on GitHub", "set github.repository to owner/name")
	}
}

// firstSet returns the first key of a GitHub App that is set.
func firstSet(g GitHub) string {
	switch {
	case g.AppID != "":
		return "github.app_id"
	case g.InstallationID != "":
		return "github.installation_id"
	}
	return "github.private_key"
}

// gitHubRepository returns owner/name of a repository's address on GitHub; "" for another
// host. A GitHub Enterprise Server has the host of its API.
func gitHubRepository(address, api string) string {
	home := "github.com"
	if host, _ := hostAndPath(api); host != "api.github.com" {
		home = host
	}
	host, path := hostAndPath(address)
	name := strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if !strings.EqualFold(host, home) || checkFullName(name) != nil {
		return ""
	}
	return name
}

// GitToken returns the token with which Git reads the dataset: github.token if the repository
// is on GitHub, at an encrypted address, and "" otherwise.
func (c *Config) GitToken() string {
	address := c.Dataset.Repository
	if gitHubRepository(address, c.GitHub.APIURL) == "" || !isRemote(address) {
		return ""
	}
	u, ok := parseURL(address)
	if !ok || u.Scheme != "https" && (u.Scheme != "http" || !shared.IsLoopback(u.Hostname())) {
		return ""
	}
	return c.GitHub.Token.Reveal()
}

// hostAndPath splits scheme://user@host/path or user@host:path.
func hostAndPath(address string) (host, path string) {
	if u, ok := parseURL(address); ok && u.Host != "" {
		return u.Hostname(), u.Path
	}
	before, path, _ := strings.Cut(address, ":")
	return before[strings.LastIndex(before, "@")+1:], path
}
