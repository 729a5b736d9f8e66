package config

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"netsync/schema/shared"
)

// Webhooks configures the endpoints that receive changes over HTTP.
type Webhooks struct {
	Endpoints []Webhook `yaml:"endpoints" doc:"Addresses that are told of each change, each {url: https://ADDRESS, secret_file: FILE}, with a name where there are several; collections, topics, ops and significance say which changes, and private the networks that may be connected to although they are not of the public internet, such as 10.0.0.0/8."`
}

// A Webhook is an endpoint that receives changes. The yaml tags are its keys.
type Webhook struct {
	Name         string   `yaml:"name"` // in status and metrics; unique
	URL          string   `yaml:"url"`
	Secret       Secret   `yaml:"secret"`       // whsec_ and Base64
	Collections  []string `yaml:"collections"`  // all where none is named
	Topics       []string `yaml:"topics"`       // any
	Ops          []string `yaml:"ops"`          // created, updated, removed, restored
	Significance string   `yaml:"significance"` // the least
	Private      []string `yaml:"private"`      // networks, such as 10.0.0.0/8
}

func (w *Webhook) nameField() (name *string, without string) { return &w.Name, "webhook" }

// check implements item.
func (w *Webhook) check(string) *fault {
	u, ok := parseURL(w.URL)
	switch {
	case w.URL == "":
		return &fault{"has an endpoint without an address", "give it url: https://ADDRESS"}
	case !ok || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return &fault{"has an endpoint whose url is no address of the web", "write https://ADDRESS"}
	case u.Scheme == "http" && !shared.IsLoopback(u.Hostname()):
		return &fault{"has an endpoint without TLS, whose deliveries everybody can read", "use https"}
	case w.Secret == "":
		return &fault{"has an endpoint without a secret", "make one with: printf 'whsec_%s' \"$(openssl rand -base64 32)\", and name its file with secret_file"}
	}
	encoded, ok := strings.CutPrefix(w.Secret.Reveal(), "whsec_")
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(secret) < 24 || len(secret) > 64 {
		return &fault{"has an endpoint whose secret is not whsec_ and Base64 of 24 to 64 bytes", "make one with: printf 'whsec_%s' \"$(openssl rand -base64 32)\""}
	}
	if w.Name != "" {
		if flt := checkID(w.Name); flt != nil {
			return &fault{"has an endpoint whose name " + flt.problem, flt.remedy}
		}
	}
	for _, one := range []struct {
		key     string
		texts   []string
		allowed []string
	}{
		{"collections", w.Collections, []string{"networks", "organizations", "activities"}},
		{"ops", w.Ops, []string{"created", "updated", "removed", "restored"}},
		{"significance", splitList(w.Significance), []string{"major", "minor", "trivial"}},
	} {
		for _, text := range one.texts {
			if !slices.Contains(one.allowed, text) {
				return &fault{fmt.Sprintf("has an endpoint whose %s is %q", one.key, text), didYouMean(shared.Nearest(text, one.allowed, 2), "write "+strings.Join(one.allowed, ", "))}
			}
		}
	}
	for _, topic := range w.Topics {
		if flt := checkID(topic); flt != nil {
			return &fault{"has an endpoint with a topic that " + flt.problem, flt.remedy}
		}
	}
	for _, network := range w.Private {
		if _, err := netip.ParsePrefix(network); err != nil {
			return &fault{fmt.Sprintf("has an endpoint whose private network is %q", network), "write it as 10.0.0.0/8 or fd00::/8"}
		}
	}
	return nil
}
