package newsletter

import (
	"cmp"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	"netsync/publishers/newsletter/mail"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

const (
	defaultRetry       = time.Minute
	defaultConnections = 4
)

// A Config is what a newsletter works with.
type Config struct {
	Dir     string // the channel's folder: <data_dir>/newsletter
	BaseURL string // of the website that a digest links to
	// SelfURL is the address below which the archive and the pages for
	// subscribers are; "" means BaseURL.
	SelfURL string

	From       string   // "Networks <networks@example.org>"
	Recipients []string // addresses, with or without a name
	// SMTP is the server that takes the mail: smtp://user:password@host:port,
	// smtps://… or host:port. "" makes drafts and sends nothing.
	SMTP string
	// Listmonk, where it is set, is handed each digest as a campaign, instead of
	// SMTP; Recipients must be empty then, and who subscribes here gets nothing.
	Listmonk *Listmonk
	// DKIMKey is the private key that messages are signed with (RFC 6376), in
	// PEM form, RSA or Ed25519; "" signs none. Its public key is in the DNS
	// at DKIMSelector._domainkey and the sender's domain.
	DKIMKey      string
	DKIMSelector string
	// Connections is how many there are to the mail server at once at most;
	// 0 means 4. Where the server takes fewer, those carry all messages.
	Connections int
	// Rate is how many messages a second go over all connections together
	// at most; 0 sets no limit.
	Rate int
	// Grace is how late a digest may be sent that was missed, or that could
	// not be delivered to everybody at once.
	Grace time.Duration
	// Hold holds every digest until somebody approves it.
	Hold bool
	// Retry is how long Run waits before it looks for a digest that is not
	// finished; 0 means a minute. Each time that nobody got one the pause
	// doubles, up to 30 times the first.
	Retry time.Duration

	// JetStream is where the ledger is kept, beside the dataset's stream.
	// nil makes drafts of the whole history and sends nothing.
	JetStream jetstream.JetStream
	// Resumed, where it is set, hears what became of a digest that Run went
	// on with, and of every failure to do so; the zero Report when one that
	// waited for approval does so no more.
	Resumed func(Report, error)
	// Handed, where it is set, hears what became of each message that was
	// handed to the server; several goroutines may call it at once.
	Handed func(mail.Outcome)
	// Progress, where it is set, hears how many recipients of a digest need
	// nothing more: a few times a second at most, and at the end. It holds
	// up those who send.
	Progress func(done, total int)
	// Synced, where it is set, hears how long each flip waited for the disk.
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

// Validate reports what is missing or cannot be.
func (c Config) Validate() error {
	_, err := c.withDefaults().build()
	return err
}

// build makes a newsletter that has no folder yet.
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

// A newSender is who a digest is from and to.
type sender struct {
	from   *netmail.Address // nil where it is not set
	to     []string         // bare addresses, each once
	signer *mail.Signer     // nil where messages are not signed
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

// parseAddress reads one address (RFC 5322 §3.4). The error does not quote it:
// addresses are nobody's business in a log.
func parseAddress(s string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil || strings.ContainsFunc(a.Address+a.Name, isControl) {
		return nil, errors.New("newsletter: one of the addresses is not a mail address; write name@example.org")
	}
	return a, nil
}

// foldAddress makes one of the spellings of an address. Letter case may matter to a
// server (RFC 5321 §2.4), but one that has two people on it is not known.
func foldAddress(address string) string { return strings.ToLower(address) }

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// domainName is the part of the sender's address behind the @.
func (s sender) domainName() string {
	return s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:]
}
