package config

import (
	"slices"
	"strconv"
)

// Listmonk configures a listmonk that sends the digests, in place of
// newsletter.smtp.
type Listmonk struct {
	URL      string   `yaml:"url" check:"listmonk" doc:"Address of a listmonk (https://listmonk.app) that sends each digest as a campaign to people it knows; instead of newsletter.smtp."`
	User     string   `yaml:"user" doc:"API user of that listmonk. Its role needs lists:get_all, templates:get, templates:manage, campaigns:get, campaigns:manage and, where listmonk knows it, campaigns:send."`
	Token    Secret   `yaml:"token" doc:"Token of newsletter.listmonk.user."`
	Lists    []string `yaml:"lists" check:"number" doc:"Ids of the lists in listmonk that a digest goes to, as at the end of the address of a list's page."`
	Template int      `yaml:"template" default:"0" min:"0" max:"2147483647" doc:"Id of the template in listmonk around a digest; 0 finds or makes one named netsync that leaves a digest as it is. With an id the user needs no rights to templates."`
}

// ListIDs returns the numbers in newsletter.listmonk.lists.
func (l Listmonk) ListIDs() []int {
	ids := make([]int, len(l.Lists))
	for i, text := range l.Lists {
		ids[i], _ = strconv.Atoi(text) // it was checked
	}
	return ids
}

// Sends reports whether digests are sent, and not only drafted.
func (n Newsletter) Sends() bool { return n.SMTP != "" || n.Listmonk.URL != "" }

// checkListmonk reports keys that newsletter.listmonk.url requires, and keys that have no
// effect with it.
func (c *Config) checkListmonk(report func(key, problem, remedy string)) {
	n := c.Newsletter
	const prefix = "newsletter.listmonk."
	needed := map[string]bool{prefix + "user": n.Listmonk.User != "", prefix + "token": n.Listmonk.Token != "", prefix + "lists": len(n.Listmonk.Lists) > 0}
	keys := []string{prefix + "user", prefix + "token", prefix + "lists"}
	if n.Listmonk.URL == "" {
		if i := slices.IndexFunc(keys, func(key string) bool { return needed[key] }); i >= 0 {
			report(keys[i], "is set, and newsletter.listmonk.url is not", "set newsletter.listmonk.url to the address of listmonk, or take this out")
		}
		return
	}
	for _, key := range keys {
		if !needed[key] {
			report(prefix+"url", "is set, and "+key+" is not", "set "+key+", or take newsletter.listmonk out")
		}
	}
	const both = "is set, and so is newsletter.listmonk.url"
	for _, other := range []struct {
		key    string
		set    bool
		remedy string
	}{
		{"newsletter.smtp", n.SMTP != "", "take one of both out: digests go by a mail server or by listmonk"},
		{"newsletter.recipients", len(n.Recipients) > 0, "take it out, and put those addresses on a list in listmonk"},
		{"newsletter.dkim_key", n.DKIMKey != "", "take it out: listmonk's mail server signs the mail"},
		{"newsletter.bounce_token", n.BounceToken != "", "take it out: listmonk hears of bounces itself"},
		{"newsletter.signup", n.Signup && c.Origin("newsletter.signup").Source != FromDefault, "take it out: people subscribe in listmonk"},
	} {
		if other.set {
			report(other.key, both, other.remedy)
		}
	}
}
