package config_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"netsync/config"
)

// shortKey is an RSA key of 768 bits, which Go itself makes no more.
const shortKey = `-----BEGIN PRIVATE KEY-----
MIIB5AIBADANBgkqhkiG9w0BAQEFAASCAc4wggHKAgEAAmEAyxwid1WOETI5QRA6
Kw2L58r3W//I2cATk8eunV93ozZrKDKakktaI1srHXCJMg2uoEfast2p2s2wAhwb
R1Nu7imfQN8U/+/x3q+l7V3/+VW2Q+TNvB7Nxtvf+i/EATmbAgMBAAECYFx0ShwY
Dbs2KWm8gT3nxK+WbFKsdDjqff7e/lUUh9j7hHufzUyakEVX0qBsAYePQgWefuAu
uISo+yKDdUghVxzToc9uub4NY/rXg4nWhJR+aJbCrnGA5zMlQ9Ap4ZOrwQIxAPqW
6m5ka6Bo3jtiK6go+33VM/J12hyV44Y2JJA6PBAVKDazqfJS1eXXjzgcqFQ63wIx
AM9+yN+CKWXWTS5VOgI9v5auo2/FWYi9YHNJiDejeEzobpCheh2OhP2sub9qwrmU
xQIxAJzdVfku0ZTDsMHZrVyB8xSNHwybK6MTTS9Zuz+xxKGIrPi5NRxlMFLFwnis
r86yXwIwaH8UUKOvj47ebcAUJ77LNuqaepar4ZZl9YmJpWOZGTpRPFtmMW5uAYc0
QHdWu7l1AjBnO6mT3p8xiW+OocQpfPNxWxh3EyHizSTmrpC/B/KNwgGc5+DEtF8t
FoO1o0BJT+k=
-----END PRIVATE KEY-----
`

func privateKey(t *testing.T, key any) string {
	t.Helper()
	data, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: data}))
}

func TestMailIsSignedByKeysOfTwoKinds(t *testing.T) {
	t.Parallel()
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(long)}))
	for name, c := range map[string]struct{ key, problem string }{
		"PKCS #1": {pkcs1, ""},
		"PKCS #8": {privateKey(t, long), ""},
		"Ed25519": {privateKey(t, edwards), ""},
		"ECDSA":   {privateKey(t, other), "is not an RSA or Ed25519 private key"},
		"short":   {shortKey, "is a key of 768 bits"},
		"public":  {string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&long.PublicKey)})), "is not an RSA or Ed25519 private key"},
		"no PEM":  {"hunter2", "is not an RSA or Ed25519 private key"},
	} {
		path := filepath.Join(t.TempDir(), "key.pem")
		write(t, path, c.key)
		got, err := config.Parse("netsync.yaml", []byte("newsletter: {from: a@example.org, dkim_selector: netsync}"), []string{"NETSYNC_NEWSLETTER_DKIM_KEY_FILE=" + path})
		switch {
		case c.problem == "" && (err != nil || got.Newsletter.DKIMKey.Reveal() != strings.TrimRight(c.key, "\n")):
			t.Errorf("%s: %v", name, err)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASignatureNeedsAllItsSettings(t *testing.T) {
	t.Parallel()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{"NETSYNC_NEWSLETTER_DKIM_KEY=" + privateKey(t, key)}
	for _, c := range []struct {
		file    string
		environ []string
		want    string
	}{
		{"newsletter: {from: a@example.org}", environ, "newsletter.dkim_selector is not"},
		{"newsletter: {from: a@example.org, dkim_selector: x}", nil, "newsletter.dkim_key is not"},
		{"newsletter: {dkim_selector: x}", environ, "newsletter.from is not"},
		{"newsletter: {from: a@example.org, dkim_selector: x_y}", environ, "no name in the DNS"},
		{"newsletter: {from: a@example.org, dkim_selector: x..y}", environ, "no name in the DNS"},
		{"newsletter: {from: a@example.org, dkim_selector: 2026.mail-x}", environ, ""},
	} {
		_, err := config.Parse("netsync.yaml", []byte(c.file), c.environ)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.file, err)
		}
	}
}
