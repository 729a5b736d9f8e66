// Package config reads the configuration: one YAML file, and environment variables that
// override single keys.
//
// The struct tags of [Config] are the only list of keys. Everything else —
// the keys of a file, the names of environment variables, defaults, checks, documentation
// ([Keys]) and the effective configuration ([Config.Print]) — follows from them:
//
//	yaml     the key's name in its section
//	default  the text that applies if neither file nor environment has the key
//	doc      one sentence for the operator
//	check    the rule of a value, see check.go
//	min, max the bounds of a number
package config

// Config is the effective configuration. [Load] or [Parse] reads it once, and it does not
// change afterwards. Its paths are absolute.
type Config struct {
	Dataset    Dataset    `yaml:"dataset"`
	NATS       NATS       `yaml:"nats"`
	DataDir    string     `yaml:"data_dir" default:"data" check:"path" doc:"Folder for everything that netsync keeps: broker store, mirror, releases of the channels."`
	HTTP       HTTP       `yaml:"http"`
	Website    Website    `yaml:"website"`
	Feed       Feed       `yaml:"feed"`
	Newsletter Newsletter `yaml:"newsletter"`
	Webhooks   Webhooks   `yaml:"webhooks"`
	GitHub     GitHub     `yaml:"github"`
	Backup     Backup     `yaml:"backup"`
	Log        Log        `yaml:"log"`

	file    string            // as given to Load or Parse; empty without a file
	origins map[string]Origin // by key, for every key
}

// Dataset configures the repository of the records, and how the worker follows it.
type Dataset struct {
	Repository string    `yaml:"repository" check:"repository" doc:"Git repository of the dataset: a local path, or an https, ssh, git or file address. Needed where the worker runs."`
	Ref        string    `yaml:"ref" default:"main" check:"ref" doc:"Branch or tag that is live."`
	Path       string    `yaml:"path" check:"subfolder" doc:"Folder of the dataset inside the repository; empty means its root."`
	Schedule   Schedule  `yaml:"schedule" default:"@every 1m" doc:"When the worker looks for new commits: a cron expression of five fields, or a descriptor; UTC unless it begins with CRON_TZ=. A time of day that the clocks skip comes at the end of the gap, one that comes twice comes once."`
	OnInvalid  OnInvalid `yaml:"on_invalid" default:"quarantine" doc:"What a record with errors does: quarantine keeps its last good version and lets the rest go live, reject holds the whole commit."`
	ID         string    `yaml:"id" check:"id" doc:"Id of the dataset; needed only by publishers that share a broker with several datasets."`
}

// NATS configures the broker.
type NATS struct {
	URL         URL    `yaml:"url" check:"natsurl" doc:"Address of a NATS server, or several with commas between; empty runs an embedded one."`
	Credentials string `yaml:"credentials" check:"path" doc:"Credentials file (.creds) for the NATS server: a user's JWT and its seed."`
	NKey        string `yaml:"nkey" check:"path" doc:"File with the seed of the nkey that the NATS server knows this process by; instead of nats.credentials."`
	CA          string `yaml:"ca" check:"path" doc:"PEM file of the authority that signed the NATS server's certificate; the system's authorities where it is not set."`
	Cert        string `yaml:"cert" check:"path" doc:"PEM file of the certificate that this process shows the NATS server; needs nats.key."`
	Key         string `yaml:"key" check:"path" doc:"PEM file of the private key of nats.cert."`
	Listen      string `yaml:"listen" default:"127.0.0.1:4222" check:"listen-or-not" doc:"Address that the embedded server listens on, of this machine alone (loopback); an empty text in the file keeps it to this process."`
	Replicas    int    `yaml:"replicas" default:"1" min:"1" max:"5" doc:"Copies of the stream in a NATS cluster; more than 1 needs nats.url."`
	MaxBatch    int    `yaml:"max_batch" default:"0" min:"0" max:"50000" doc:"Messages that the broker takes in one atomic batch; 0 is the default of a NATS server, 1000, or what the embedded one takes, 10000."`
}

// HTTP configures the servers for the public and for operators.
type HTTP struct {
	Listen         string   `yaml:"listen" default:"127.0.0.1:8080" check:"listen" doc:"Address that the public HTTP server listens on."`
	AdminListen    string   `yaml:"admin_listen" default:"127.0.0.1:8090" check:"listen-or-socket" doc:"Address of the pages for operators: the whole status, metrics, the draft of the next digest. host:port, or unix:/path for a socket; where it is not set and the port is taken, the next free port."`
	AdminToken     Secret   `yaml:"admin_token" check:"token" doc:"Token that requests to http.admin_listen carry (Authorization: Bearer); needed unless that is a loopback address or a socket. Best by NETSYNC_HTTP_ADMIN_TOKEN_FILE."`
	TrustedProxies []string `yaml:"trusted_proxies" default:"loopback" check:"network" doc:"Addresses and networks of the proxies whose X-Forwarded-For is believed, such as 10.0.0.7 or 10.0.0.0/24; loopback stands for this machine, private for all private networks."`
}

// Website configures the website export.
type Website struct {
	Enabled       bool         `yaml:"enabled" default:"true" doc:"Publish the website."`
	BaseURL       string       `yaml:"base_url" check:"baseurl" doc:"Public address of the website, without a slash at the end; http:// and http.listen where it is not set."`
	Theme         string       `yaml:"theme" check:"path" doc:"Folder whose templates override the built-in ones."`
	Push          []PushTarget `yaml:"push" doc:"Places that each edition is pushed to, each {git: ADDRESS, branch: gh-pages, path: FOLDER, token_file: FILE}, {github: OWNER/NAME, branch: gh-pages, path: FOLDER} or {s3: https://ENDPOINT/BUCKET/FOLDER, region: REGION, access_key: KEY, secret_key_file: FILE}, with a name where there are several; empty pushes nowhere."`
	PushToken     Secret       `yaml:"push_token" doc:"Token for those Git repositories over https in website.push that have none of their own."`
	PushAccessKey Secret       `yaml:"push_access_key" doc:"Access key for those buckets in website.push that have none of their own."`
	PushSecretKey Secret       `yaml:"push_secret_key" doc:"Secret key for those buckets in website.push that have none of their own."`
	PushAuthor    string       `yaml:"push_author" default:"netsync <netsync@localhost>" check:"address" doc:"Author and committer of the commits that website.push makes."`
	Keep          int          `yaml:"keep" default:"5" min:"1" max:"100" doc:"Releases that stay beside the current one, for netsync rollback website. They share with it the files that are the same."`
}

// Feed configures the JSON and Atom feeds.
type Feed struct {
	Enabled      bool         `yaml:"enabled" default:"true" doc:"Publish the feeds."`
	Schedule     Schedule     `yaml:"schedule" default:"@hourly" doc:"When the feeds are regenerated besides on changes."`
	Items        int          `yaml:"items" default:"100" min:"1" max:"1000" doc:"Items in a feed at least, and on a page of its archive."`
	Significance Significance `yaml:"significance" default:"trivial" doc:"The least significance of changes that feeds tell: major, minor or trivial, which is all."`
	Hub          string       `yaml:"hub" check:"weburl" doc:"Address of a WebSub hub that tells readers of changes; feeds name it and tell it of each change."`
	Keep         int          `yaml:"keep" default:"5" min:"1" max:"100" doc:"Releases that stay beside the current one, for netsync rollback feed."`
}

// Newsletter configures the digest by mail.
type Newsletter struct {
	Enabled      bool     `yaml:"enabled" default:"true" doc:"Publish the newsletter digest."`
	Schedule     Schedule `yaml:"schedule" default:"0 8 * * MON" doc:"When a digest is made of what changed since the last one."`
	From         string   `yaml:"from" check:"address" doc:"Sender of the mail, such as Networks <networks@example.org>; needed with newsletter.smtp."`
	SMTP         Secret   `yaml:"smtp" check:"smtp" doc:"Mail server: smtp://user:password@host:port, smtps://user:password@host:port, or host:port."`
	Listmonk     Listmonk `yaml:"listmonk"`
	DKIMKey      Secret   `yaml:"dkim_key" check:"dkimkey" doc:"Private key that mail is signed with (DKIM), RSA or Ed25519 in PEM form, best by NETSYNC_NEWSLETTER_DKIM_KEY_FILE; the domain is that of newsletter.from."`
	DKIMSelector string   `yaml:"dkim_selector" check:"selector" doc:"Name under _domainkey in the DNS where the public key of newsletter.dkim_key is."`
	Recipients   []string `yaml:"recipients" check:"address" doc:"Addresses that get every digest, besides the subscribers."`
	Connections  int      `yaml:"connections" default:"4" min:"1" max:"50" doc:"Connections to the mail server at once."`
	Rate         int      `yaml:"rate" default:"0" min:"0" max:"10000" doc:"Messages a second over all connections together; 0 sets no limit."`
	Signup       bool     `yaml:"signup" default:"true" doc:"Let people subscribe at /newsletter/subscribe, and lead to it from the website, where newsletter.from is set; needs newsletter.smtp."`
	BaseURL      string   `yaml:"base_url" check:"baseurl" doc:"Public address below which /newsletter/ of this process is reached, without a slash at the end, for links in mail and on the website; website.base_url where it is not set."`
	BounceToken  Secret   `yaml:"bounce_token" doc:"Token for POST /newsletter/bounces, where a mail server reports what it could not deliver after all; without it that is off."`
	Approve      bool     `yaml:"approve" default:"false" doc:"Hold every digest until somebody approves it."`
	Grace        Duration `yaml:"grace" default:"24h" doc:"How late a digest may still be sent that was missed while the process was down."`
}

// GitHub configures the webhook and the reports.
type GitHub struct {
	Token          Secret       `yaml:"token" doc:"Token for GitHub's API and for private repositories there."`
	WebhookSecret  Secret       `yaml:"webhook_secret" check:"token" doc:"Secret that GitHub signs its webhooks with, of 16 characters at least; without it POST /hooks/github is off."`
	Report         GitHubReport `yaml:"report" default:"none" doc:"What tells findings on commits and pull requests: status, checks (needs a GitHub App), auto for checks where there is an App and status elsewhere, or none."`
	Repository     string       `yaml:"repository" check:"fullname" doc:"Repository on GitHub that is reported to, as owner/name; that of dataset.repository where it is not set."`
	APIURL         string       `yaml:"api_url" default:"https://api.github.com" check:"apiurl" doc:"Address of GitHub's API; https://HOST/api/v3 for GitHub Enterprise Server."`
	AppID          string       `yaml:"app_id" check:"appid" doc:"Id or client id of a GitHub App that reports, instead of a token."`
	InstallationID string       `yaml:"installation_id" check:"number" doc:"Id of the App's installation in the repository's organization."`
	PrivateKey     Secret       `yaml:"private_key" check:"rsakey" doc:"Private key of the App in PEM form, best by NETSYNC_GITHUB_PRIVATE_KEY_FILE."`
}

// HasApp reports whether a GitHub App is configured.
func (g GitHub) HasApp() bool { return g.AppID != "" && g.InstallationID != "" && g.PrivateKey != "" }

// Log configures the log on standard error.
type Log struct {
	Level  LogLevel  `yaml:"level" default:"info" doc:"Least severe level that is logged."`
	Format LogFormat `yaml:"format" default:"auto" doc:"Form of a log line; auto is console on a terminal and json elsewhere."`
}

// File returns the path of the file as it was given to Load; "" if there is none.
func (c *Config) File() string { return c.file }

// Origin returns the origin of the value of a key ("http.listen"); zero for an unknown key.
func (c *Config) Origin(key string) Origin { return c.origins[key] }

// Wrong returns an [Error] about the value of a key, with the place where it was set. It is
// for problems that its use finds, such as a file that cannot be read.
func (c *Config) Wrong(key, problem, remedy string) *Error {
	return c.origins[key].newError(key, fault{problem, remedy})
}

// RequireRepository returns an [*Error] if dataset.repository is not set. Only the worker
// needs it, so Load does not require it.
func (c *Config) RequireRepository() error {
	if c.Dataset.Repository != "" {
		return nil
	}
	return &Error{
		File:    c.file,
		Key:     "dataset.repository",
		Problem: "is not set, and the worker needs it",
		Remedy:  "set dataset.repository in the file, or " + envName("dataset.repository") + " in the environment, to the Git repository of the dataset",
	}
}
