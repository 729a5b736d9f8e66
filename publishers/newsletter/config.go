package newsletter

import (
	"cmp"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"netsync/publishers/newsletter/mail"
)

const (
	defaultRetry       = time.Minute
	defaultConnections = 4
)

// A Config holds the settings of the newsletter.
type Config struct {
	Dir     string // the channel's folder: <data_dir>/newsletter
	BaseURL string // of the website
	// SelfURL is the URL below which the archive and the pages for subscribers
	// are; "" means BaseURL.
	SelfURL string

	From       string   // "Networks <networks@example.org>"
	Recipients []string // addresses, with or without a name
	// SMTP is the mail server: smtp://user:password@host:port, smtps://… or
	// host:port. If it is "", drafts are made but nothing is sent.
	SMTP string
	// Listmonk, if set, gets each digest as a campaign, instead of SMTP.
	// Recipients must be empty then, and subscribers of netsync get nothing.
	Listmonk *Listmonk
	// DKIMKey is the private key for signing messages (RFC 6376), in PEM form,
	// RSA or Ed25519; "" signs none. Its public key is in the DNS at
	// DKIMSelector._domainkey and the sender's domain.
	DKIMKey      string
	DKIMSelector string
	// Connections is the maximum number of connections to the mail server; 0
	// means 4. If the server accepts fewer, those are used.
	Connections int
	// Rate is the maximum number of messages a second over all connections; 0
	// is no limit.
	Rate int
	// Grace is the maximum delay of a digest that was missed, or could not be
	// delivered to all recipients at once.
	Grace time.Duration
	// Hold holds every digest until someone approves it.
	Hold bool
	// Retry is the pause of Run before it looks for an unfinished digest; 0
	// means a minute. Each time that no message was sent, the pause doubles, up
	// to 30 times Retry.
	Retry time.Duration

	// JetStream holds the ledger, beside the dataset's stream. With nil, drafts
	// contain the whole history, and nothing is sent.
	JetStream jetstream.JetStream
	// Resumed is called with the result of a digest that Run continued, with
	// every failure, and with the zero Report when a digest no longer waits for
	// approval. It may be nil.
	Resumed func(Report, error)
	// Handed is called with the outcome of each message, possibly by several
	// goroutines at once. It may be nil.
	Handed func(mail.Outcome)
	// Progress is called with the number of finished recipients of a digest, a
	// few times a second at most and at the end. It delays sending. It may be
	// nil.
	Progress func(done, total int)
	// Synced is called with the time that each release took to reach the disk;
	// it may be nil.
	Synced func(took time.Duration)
	Log    *zap.Logger
	Now    func() time.Time // nil means time.Now
}

func (c Config) withDefaults() Config {
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	c.SelfURL = cmp.Or(strings.TrimRight(c.SelfURL, "/"), c.BaseURL)
	c.Retry = cmp.Or(c.Retry, defaultRetry)
	c.Connections = cmp.Or(c.Connections, defaultConnections)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Validate reports a missing or invalid setting.
func (c Config) Validate() error {
	_, err := c.withDefaults().build()
	return err
}

// build returns a newsletter without its folder.
func (c Config) build() (*Newsletter, error) {
	if c.Dir == "" || c.Log == nil {
		return nil, errors.New("newsletter: a folder and a log are needed")
	}
	if c.Grace < 0 || c.Retry < 0 {
		return nil, errors.New("newsletter: the grace period and the pause between retries cannot be negative")
	}
	if c.Connections < 0 || c.Rate < 0 {
		return nil, errors.New("newsletter: the number of connections and the rate cannot be negative")
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("newsletter: base URL %q is not the address of a website", c.BaseURL)
	}
	n := &Newsletter{Config: c}
	if n.campaigns, err = c.newListmonk(); err != nil {
		return nil, err
	}
	if n.sender, err = c.newSender(); err != nil {
		return nil, err
	}
	var domain string
	if n.sender.from != nil {
		domain = n.sender.domainName()
	}
	if n.sender.signer, err = mail.NewSigner(c.DKIMKey, c.DKIMSelector, domain); err != nil {
		return nil, err
	}
	n.server, err = mail.ParseServer(c.SMTP)
	return n, err
}

// A sender is the From address, the configured recipients and the signer.
type sender struct {
	from   *netmail.Address // nil if not set
	to     []string         // addresses without names, distinct
	signer *mail.Signer     // nil if messages are not signed
}

func (c Config) newSender() (sender, error) {
	var s sender
	if c.From != "" {
		from, err := parseAddress(c.From)
		if err != nil {
			return s, err
		}
		s.from = from
	}
	seen := make(map[string]bool)
	for _, r := range c.Recipients {
		to, err := parseAddress(r)
		if err != nil {
			return s, err
		}
		if folded := foldAddress(to.Address); !seen[folded] {
			seen[folded] = true
			s.to = append(s.to, to.Address)
		}
	}
	return s, nil
}

// parseAddress parses one address (RFC 5322 §3.4). The error does not quote it,
// as addresses must not get into logs.
func parseAddress(s string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil || strings.ContainsFunc(a.Address+a.Name, isControl) {
		return nil, errors.New("newsletter: one of the addresses is not a mail address; write name@example.org")
	}
	return a, nil
}

// foldAddress normalizes an address for comparison. Letter case may matter to a
// server (RFC 5321 §2.4), but none is known to distinguish mailboxes by it.
func foldAddress(address string) string { return strings.ToLower(address) }

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// domainName returns the domain of the From address.
func (s sender) domainName() string {
	return s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:]
}
