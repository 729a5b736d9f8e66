package config

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"regexp"
)

// checkNewsletter reports keys of the newsletter that do not fit together.
func (c *Config) checkNewsletter(report func(key, problem, remedy string)) {
	n := c.Newsletter
	c.checkListmonk(report)
	if n.SMTP != "" && n.From == "" {
		report("newsletter.smtp", "is set, and newsletter.from is not", "set newsletter.from to the sender of the mail")
	}
	const together = "set both, the key and the name of its public key in the DNS, or neither"
	switch {
	case n.DKIMKey != "" && n.DKIMSelector == "":
		report("newsletter.dkim_key", "is set, and newsletter.dkim_selector is not", together)
	case n.DKIMSelector != "" && n.DKIMKey == "":
		report("newsletter.dkim_selector", "is set, and newsletter.dkim_key is not", together)
	case n.DKIMKey != "" && n.From == "":
		report("newsletter.dkim_key", "is set, and newsletter.from is not", "set newsletter.from: mail is signed in the name of its domain")
	}
}

// leastDKIM is the minimum size of an RSA key in bits: verifiers ignore signatures with a
// shorter one (RFC 8301 §3.2).
const leastDKIM = 1024

// checkDKIMKey checks a private key. Its message does not quote it.
func checkDKIMKey(text string) *fault {
	wrong := &fault{"is not an RSA or Ed25519 private key in PEM form", "make one by openssl genrsa 2048, and give the file by NETSYNC_NEWSLETTER_DKIM_KEY_FILE"}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return wrong
	}
	var key any
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		if key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
			return wrong
		}
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return nil
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < leastDKIM {
			return &fault{fmt.Sprintf("is a key of %d bits, and verifiers ignore less than %d", bits, leastDKIM), wrong.remedy}
		}
		return nil
	}
	return wrong
}

var selector = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)

// checkSelector checks a name below _domainkey (RFC 6376 §3.1).
func checkSelector(text string) *fault {
	const longest = 180 // leaves room in a name of 253 for ._domainkey and the domain
	if !selector.MatchString(text) || len(text) > longest {
		return &fault{fmt.Sprintf("is %q, which is no name in the DNS", text), "write letters and digits, with dashes or dots between, such as netsync"}
	}
	return nil
}
