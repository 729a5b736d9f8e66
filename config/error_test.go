package config_test

import (
	"errors"
	"strings"
	"testing"

	"netsync/config"
)

func TestWhatIsWrongIsSaidWithPlaceAndRemedy(t *testing.T) {
	tests := []struct {
		name, yaml, environ, want string
	}{
		{"unknown key", "dataset:\n  repositry: x\n", "", "n.yaml:2:3: dataset.repositry: unknown key; did you mean dataset.repository?"},
		{"unknown section", "htp: {listen: x}\n", "", "n.yaml:1:1: htp: unknown key; did you mean http?"},
		{"key of another section", "listen: ':1'\n", "", "did you mean nats.listen or http.listen?"},
		{"key like nothing", "http: {zzzzzzzz: 1}\n", "", "the keys here are listen"},
		{"twice", "data_dir: a\ndata_dir: b\n", "", "n.yaml:2:1: data_dir: is there twice, first on line 1"},
		{"anchor", "data_dir: &a x\n", "", "n.yaml:1:11: data_dir: has a YAML anchor"},
		{"alias", "data_dir: &a x\nlog: {level: *a}\n", "", "n.yaml:2:14: log.level: is a YAML alias"},
		{"tag", "data_dir: !!binary eA==\n", "", "n.yaml:1:11: data_dir: has a YAML tag"},
		{"merge", "http:\n  <<: {listen: ':1'}\n", "", "n.yaml:2:3: http.<<: unknown key"},
		{"two documents", "data_dir: a\n---\ndata_dir: b\n", "", "n.yaml:2:1: a second YAML document begins"},
		{"syntax", "a: b: c\n", "", "n.yaml:1:5: is not YAML"},
		{"encoding", "data_dir: a\n# \xff\n", "", "n.yaml:2: is not UTF-8"},
		{"size", strings.Repeat("# 345678\n", 30_000), "", "n.yaml: is larger than 256 KiB"},
		{"list as a file", "- a\n", "", "n.yaml:1:1: must be a mapping"},
		{"scalar as a section", "feed: 3\n", "", "n.yaml:1:7: feed: must be a mapping"},
		{"mapping as a value", "data_dir: {a: b}\n", "", "n.yaml:1:11: data_dir: must be a text"},
		{"line break", "data_dir: \"a\\nb\"\n", "", "n.yaml:1:11: data_dir: has a control character"},
		{"boolean", "feed: {enabled: maybe}\n", "", `feed.enabled: is "maybe"; write true or false`},
		{"number", "feed: {items: many}\n", "", "feed.items: is \"many\"; write a whole number from 1 to 1000"},
		{"bounds", "feed: {items: 0}\n", "", "feed.items: is 0; write a whole number from 1 to 1000"},
		{"choice", "log: {level: inof}\n", "", "log.level: is \"inof\"; did you mean info?"},
		{"duration", "newsletter: {grace: -1h}\n", "", "newsletter.grace: is negative"},
		{"schedule that panics the cron parser", "feed: {schedule: TZ=UTC}\n", "", "feed.schedule: has a time zone and nothing after it"},
		{"schedule without a time", "feed: {schedule: 0 0 31 2 *}\n", "", "feed.schedule: has no time in the next five years"},
		{"empty schedule", "feed: {schedule: ''}\n", "", "feed.schedule: is empty"},
		{"http.listen", "http: {listen: localhost}\n", "", "http.listen: is \"localhost\"; write host:port"},
		{"empty http.listen", "http: {listen: ''}\n", "", "http.listen: is \"\""},
		{"admin pages for all", "http: {admin_listen: ':8090'}\n", "", "http.admin_listen: can be reached from other machines, and http.admin_token is not set; set NETSYNC_HTTP_ADMIN_TOKEN_FILE"},
		{"admin pages for a network", "http: {admin_listen: '10.1.2.3:8090'}\n", "", "http.admin_token is not set"},
		{"admin pages at the public address", "http: {admin_listen: '127.0.0.1:8080'}\n", "", "http.admin_listen: is the address of http.listen"},
		{"admin pages nowhere", "http: {admin_listen: ''}\n", "", "http.admin_listen: is \"\"; write host:port"},
		{"admin socket without a path", "http: {admin_listen: 'unix:'}\n", "", "names no socket; write unix:/run/netsync/admin.sock"},
		{"short admin token", "http: {admin_token: hunter2}\n", "", "http.admin_token: has 7 characters, which can be guessed; use 16 at least"},
		{"proxy by name", "http: {trusted_proxies: [proxy.example.org]}\n", "", `http.trusted_proxies: has "proxy.example.org", which is no address and no network`},
		{"short webhook secret", "github: {webhook_secret: hunter2}\n", "", "github.webhook_secret: has 7 characters, which can be guessed; use 16 at least, such as what openssl rand -hex 32 prints"},
		{"embedded broker for all", "nats: {listen: '0.0.0.0:4222'}\n", "", "nats.listen: is not an address of this machine alone, and whoever reaches the embedded server may read it without a password; keep 127.0.0.1:4222; for other machines run a NATS server with config/deploy/nats/roles.conf"},
		{"embedded broker without a host", "nats: {listen: ':4222'}\n", "", "nats.listen: is not an address of this machine alone"},
		{"embedded broker by a name", "", "NETSYNC_NATS_LISTEN=broker.example.org:4222", "NETSYNC_NATS_LISTEN: is not an address of this machine alone"},
		{"port", "http: {listen: 'localhost:70000'}\n", "", "write host:port"},
		{"ref as an option", "dataset: {ref: --upload-pack=x}\n", "", "is not the name of a branch"},
		{"path outside", "dataset: {path: ../x}\n", "", "is not inside the repository"},
		{"repository that runs a command", "dataset: {repository: 'ext::sh -c x'}\n", "", "names a Git transport that is not allowed"},
		{"repository with credentials", "dataset: {repository: 'https://user:hunter2@example.org/x'}\n", "", "has credentials in the address"},
		{"repository with a token", "dataset: {repository: 'https://hunter2@example.org/x'}\n", "", "has credentials in the address"},
		{"repository as an option", "dataset: {repository: 'ssh://-oProxyCommand=x/y'}\n", "", "has a host that begins with a dash"},
		{"repository scheme", "dataset: {repository: 'gopher://x/y'}\n", "", `has the scheme "gopher"`},
		{"id", "dataset: {id: A_B}\n", "", "dataset.id: is \"A_B\""},
		{"base_url", "website: {base_url: 'javascript:alert(1)'}\n", "", "is not the address of a website"},
		{"mail address", "newsletter: {recipients: [nobody]}\n", "", `has "nobody", which is not a mail address`},
		{"mail header", "newsletter: {from: \"a@example.org\\r\\nBcc: b@example.org\"}\n", "", "has a control character"},
		{"smtp", "newsletter: {smtp: 'http://user:hunter2@x'}\n", "", "newsletter.smtp: is not the address of a mail server"},
		{"smtp that does not parse", "newsletter: {smtp: 'smtp://user:hunter2%zz@x'}\n", "", "newsletter.smtp: is not the address of a mail server"},
		{"smtp without a sender", "newsletter: {smtp: 'localhost:25'}\n", "", "newsletter.smtp: is set, and newsletter.from is not"},
		{"nats", "nats: {url: 'http://x'}\n", "", "is not the address of a NATS server"},
		{"replicas alone", "nats: {replicas: 3}\n", "", "the embedded server is alone"},
		{"two ways to log in", "nats: {url: 'nats://x', nkey: a, credentials: b}\n", "", "nats.nkey: is set, and nats.credentials as well"},
		{"certificate without a key", "nats: {url: 'tls://x', cert: a}\n", "", "nats.cert: is set, and nats.key is not; set both"},
		{"key without a certificate", "nats: {url: 'tls://x', key: a}\n", "", "nats.key: is set, and nats.cert is not; set both"},
		{"report without a token", "github: {report: true}\n", "", "github.report: is on, and neither github.token nor a GitHub App is set"},
		{"report by a form that is none", "github: {report: cheks}\n", "", "github.report: is \"cheks\"; did you mean checks?"},
		{"checks without an App", "github: {report: checks, token: hunter2}\n", "", "github.report: is checks, and no GitHub App is configured"},
		{"half an App", "github: {installation_id: 7}\n", "", "github.installation_id: is set, and the rest of the GitHub App is not"},
		{"report to nowhere", "github: {report: auto, token: hunter2}\ndataset: {repository: https://example.org/o/r}\n", "", "github.report: is on, and dataset.repository is not on GitHub; set github.repository"},
		{"GitHub repository", "github: {repository: ../x}\n", "", "is no repository on GitHub; write owner/name"},
		{"App id", "github: {app_id: 1 2}\n", "", "github.app_id: is \"1 2\""},
		{"installation id", "github: {installation_id: x}\n", "", "github.installation_id: is \"x\""},
		{"private key", "github: {private_key: hunter2}\n", "", "github.private_key: is not an RSA private key in PEM form"},
		{"API address", "github: {api_url: 'ftp://x'}\n", "", "github.api_url: is not the address of an API; write https://api.github.com"},
		{"API that anybody could listen to", "github: {api_url: 'http://ghe.example.org/api/v3'}\n", "", "github.api_url: is not encrypted"},
		{"placeholder", "github: {token: '[redacted]'}\n", "", "is the placeholder"},
		{"unknown variable", "", "NETSYNC_HTTP_LISTN=x", "NETSYNC_HTTP_LISTN: unknown environment variable; did you mean NETSYNC_HTTP_LISTEN?"},
		{"file of what is no secret", "", "NETSYNC_HTTP_LISTEN_FILE=x", "NETSYNC_HTTP_LISTEN_FILE: unknown environment variable"},
		{"variable like nothing", "", "NETSYNC_ZZZZZZZZZZZZ=x", "unset it"},
		{"both", "", "NETSYNC_GITHUB_TOKEN=hunter2 NETSYNC_GITHUB_TOKEN_FILE=x", "NETSYNC_GITHUB_TOKEN: is set, and NETSYNC_GITHUB_TOKEN_FILE as well"},
		{"no such file", "", "NETSYNC_GITHUB_TOKEN_FILE=/nowhere", "NETSYNC_GITHUB_TOKEN_FILE: cannot read the secret"},
		{"empty file", "", "NETSYNC_GITHUB_TOKEN_FILE=/dev/null", "names an empty file"},
		{"folder", "", "NETSYNC_GITHUB_TOKEN_FILE=/", "names a folder"},
		{"wrong value in a variable", "", "NETSYNC_LOG_LEVEL=x", `NETSYNC_LOG_LEVEL: is "x"; write debug, info, warn, error`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Parse("n.yaml", []byte(tt.yaml), strings.Fields(tt.environ))
			if err == nil {
				t.Fatalf("accepted: %+v", c)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is\n%v\nwant\n%s", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret shows: %v", err)
			}
			for _, e := range all(t, err) {
				if e.Problem == "" || e.Remedy == "" || e.Key == "" && e.File == "" {
					t.Errorf("%#v lacks something", e)
				}
			}
		})
	}
}

func TestEverythingWrongIsReportedInOrder(t *testing.T) {
	const file = "nope: 1\nfeed:\n  items: x\n  nope: 2\nlog: {level: x}\n"
	_, err := config.Parse("n.yaml", []byte(file), []string{"NETSYNC_B=1", "NETSYNC_A=1"})
	var keys []string
	for _, e := range all(t, err) {
		keys = append(keys, e.Key)
	}
	if got, want := strings.Join(keys, " "), "nope feed.items feed.nope log.level NETSYNC_A NETSYNC_B"; got != want {
		t.Errorf("reported %s, want %s", got, want)
	}
}

// all takes a joined error apart.
func all(t *testing.T, err error) []*config.Error {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%v is not joined", err)
	}
	var errs []*config.Error
	for _, err := range joined.Unwrap() {
		e, ok := errors.AsType[*config.Error](err)
		if !ok {
			t.Fatalf("%v is a %T", err, err)
		}
		errs = append(errs, e)
	}
	return errs
}
