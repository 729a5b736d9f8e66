package config_test

import (
	"slices"
	"strings"
	"testing"

	"netsync/config"
)

func TestListmonkNeedsAllItsSettingsAndStandsAlone(t *testing.T) {
	t.Parallel()
	const whole = "url: https://lists.example.org/, user: netsync, lists: [3, 5]"
	token := []string{"NETSYNC_NEWSLETTER_LISTMONK_TOKEN=hunter2"}
	for _, c := range []struct {
		file    string
		environ []string
		want    string // "" where it is right
	}{
		{"newsletter: {listmonk: {" + whole + "}}", token, ""},
		{"newsletter: {signup: false, approve: true, from: a@example.org, listmonk: {" + whole + ", template: 7}}", token, ""},
		{"newsletter: {listmonk: {url: 'http://127.0.0.1:9000', user: x, lists: [1]}}", token, ""},
		{"newsletter: {listmonk: {" + whole + "}}", nil, "newsletter.listmonk.token is not"},
		{"newsletter: {listmonk: {url: https://lists.example.org}}", token, "newsletter.listmonk.user is not"},
		{"newsletter: {listmonk: {url: https://lists.example.org, user: x}}", token, "newsletter.listmonk.lists is not"},
		{"newsletter: {listmonk: {user: netsync}}", nil, "newsletter.listmonk.url is not"},
		{"newsletter: {listmonk: {url: 'http://lists.example.org', user: x, lists: [1]}}", token, "is not encrypted"},
		{"newsletter: {listmonk: {url: 'https://netsync:hunter2@lists.example.org', user: x, lists: [1]}}", token, "is not the address"},
		{"newsletter: {listmonk: {url: https://lists.example.org, user: x, lists: [staff]}}", token, `is "staff"`},
		{"newsletter: {listmonk: {url: https://lists.example.org, user: x, lists: [0]}}", token, `is "0"`},
		{"newsletter: {from: a@example.org, smtp: 'mail:25', listmonk: {" + whole + "}}", token, "newsletter.smtp"},
		{"newsletter: {recipients: [a@example.org], listmonk: {" + whole + "}}", token, "put those addresses on a list in listmonk"},
		{"newsletter: {signup: true, listmonk: {" + whole + "}}", token, "people subscribe in listmonk"},
		{"newsletter: {bounce_token: x, listmonk: {" + whole + "}}", token, "newsletter.bounce_token"},
	} {
		got, err := config.Parse("netsync.yaml", []byte(c.file), c.environ)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.file, err)
		case c.want == "" && (!got.Newsletter.Sends() || got.Newsletter.Listmonk.Token.Reveal() != "hunter2"):
			t.Errorf("%s: %+v", c.file, got.Newsletter)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: %v", c.file, err)
		}
	}
	c := parse(t, "newsletter: {listmonk: {"+whole+"}}", token...)
	if ids := c.Newsletter.Listmonk.ListIDs(); !slices.Equal(ids, []int{3, 5}) || c.Newsletter.Listmonk.URL != "https://lists.example.org" {
		t.Errorf("%v, %q", ids, c.Newsletter.Listmonk.URL)
	}
	if strings.Contains(printed(t, c), "hunter2") {
		t.Error("the token shows")
	}
}
