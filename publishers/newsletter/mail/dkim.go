package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

// signedFields are the header fields covered by a signature (RFC 6376 §5.4.1;
// RFC 8058 §4 for List-Unsubscribe-Post). From occurs once more than in a
// message, so that no other can be added; the same holds for fields that a
// message does not have.
func signedFields() []string {
	return []string{
		"From", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
		string(HeaderListID), string(mail.HeaderListUnsubscribe), string(mail.HeaderListUnsubscribePost), string(HeaderAutoSubmitted), string(HeaderFeedbackID),
	}
}

// A Signer signs messages for the sender's domain.
type Signer struct{ options dkim.SignOptions }

// minRSABits is the minimum size of an RSA key: verifiers reject shorter ones
// (RFC 8301 §3.2).
const minRSABits = 1024

// NewSigner returns the signer of a domain, with a private key in PEM form
// whose public key is in the DNS below a selector. It returns nil if both are
// empty. Errors do not quote the key.
func NewSigner(privateKey, selector, domain string) (*Signer, error) {
	if privateKey == "" && selector == "" {
		return nil, nil
	}
	if privateKey == "" || selector == "" || domain == "" {
		return nil, errors.New("newsletter: to sign mail, a key, a selector and a sender are needed; set all of them")
	}
	key, err := parseKey(privateKey)
	if err != nil {
		return nil, err
	}
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil {
		return nil, errors.New("newsletter: the sender's domain cannot be the name of a host, and so not sign; correct the sender")
	}
	return &Signer{dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: signedFields(),
	}}, nil
}

// parseKey parses a private key. Errors do not quote it.
func parseKey(text string) (crypto.Signer, error) {
	wrong := errors.New("newsletter: the key that mail is signed with is not an RSA or Ed25519 private key in PEM form")
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, wrong
	}
	var key any
	var err error
	if key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
		if key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
			return nil, wrong
		}
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < minRSABits {
			return nil, fmt.Errorf("newsletter: the key that mail is signed with has %d bits, and %d are the least; make one of 2048", key.N.BitLen(), minRSABits)
		}
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, wrong
}

// NewMessage returns a message with encoded data, signed unless s is nil.
func (s *Signer) NewMessage(from, to string, data []byte) (Message, error) {
	data, err := s.signMessage(data)
	return Message{From: from, To: to, Data: data}, err
}

// signMessage returns data with the signature before it.
func (s *Signer) signMessage(data []byte) ([]byte, error) {
	if s == nil {
		return data, nil
	}
	var b bytes.Buffer
	if err := dkim.Sign(&b, bytes.NewReader(data), &s.options); err != nil {
		return nil, fmt.Errorf("newsletter: sign a message: %w", err)
	}
	return b.Bytes(), nil
}
