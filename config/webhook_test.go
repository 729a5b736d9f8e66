package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netsync/config"
)

const someSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func TestEndpointsAreReadFromFileAndEnvironment(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(someSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		yaml string
		env  []string
		want []config.Webhook
	}{
		"none": {"", nil, nil},
		"several": {`webhooks:
  endpoints:
    - {url: "https://example.org/a?b=c", secret_file: ` + secret + `}
    - url: http://localhost:9/
      secret: ` + someSecret + `
      collections: [networks, activities]
      topics: water, climate
      ops: [removed]
      significance: major
      private: [127.0.0.0/8, "::1/128"]
`, nil, []config.Webhook{
			{Name: "webhook", URL: "https://example.org/a?b=c", Secret: someSecret},
			{Name: "webhook-2", URL: "http://localhost:9/", Secret: someSecret, Collections: []string{"networks", "activities"}, Topics: []string{"water", "climate"},
				Ops: []string{"removed"}, Significance: "major", Private: []string{"127.0.0.0/8", "::1/128"}},
		}},
		"by env": {"", []string{`NETSYNC_WEBHOOKS_ENDPOINTS=[{name: one, url: https://example.org, secret_file: ` + secret + `}]`},
			[]config.Webhook{{Name: "one", URL: "https://example.org", Secret: someSecret}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, test.yaml, test.env...)
			if diff := cmp.Diff(test.want, c.Webhooks.Endpoints); diff != "" {
				t.Error(diff)
			}
			if got := printed(t, c); strings.Contains(got, "MfKQ9r8") {
				t.Errorf("a secret shows:\n%s", got)
			}
		})
	}
}

func TestWrongEndpointsAreRefused(t *testing.T) {
	t.Parallel()
	with := "secret: " + someSecret
	for yaml, want := range map[string]string{
		"[{" + with + "}]":                                                                               "netsync.yaml:1:24: webhooks.endpoints: has an endpoint without an address",
		"[{url: 'https://example.org'}]":                                                                 "without a secret",
		"[{url: 'ftp://example.org', " + with + "}]":                                                     "no address of the web",
		"[{url: 'http://example.org', " + with + "}]":                                                    "without TLS",
		"[{url: 'https://a:b@example.org', " + with + "}]":                                               "no address of the web",
		"[{url: 'https://e.org', secret: whsec_AAAA}]":                                                   "whose secret is not",
		"[{url: 'https://e.org', " + with + ", ops: [update]}]":                                          "did you mean updated?",
		"[{url: 'https://e.org', " + with + ", collections: network}]":                                   "did you mean networks?",
		"[{url: 'https://e.org', " + with + ", significance: huge}]":                                     "major, minor, trivial",
		"[{url: 'https://e.org', " + with + ", topics: ['A b']}]":                                        "with a topic that",
		"[{url: 'https://e.org', " + with + ", private: 10.0.0.1}]":                                      "10.0.0.0/8",
		"[{url: 'https://e.org', " + with + ", topic: x}]":                                               "did you mean topics?",
		"[{url: 'https://e.org', " + with + ", secret: x}]":                                              "is there twice",
		"[{name: a, url: 'https://e.org', " + with + "}, {name: a, url: 'https://e.org', " + with + "}]": "two endpoints of the name",
		"[https://example.org]":                                                                          "no endpoint",
		"[{url: [a]}]":                                                                                   "must be a text",
	} {
		t.Run(yaml, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("netsync.yaml", []byte("webhooks: {endpoints: "+yaml+"}\n"), nil)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
			if err != nil && strings.Contains(err.Error(), "AAAA") {
				t.Errorf("it tells the secret: %v", err)
			}
		})
	}
}
