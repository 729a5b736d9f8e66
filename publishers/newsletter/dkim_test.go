package newsletter_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"netsync/publishers/newsletter"
	"netsync/schema/testkit/npmtest"
)

// published is the DNS name of the tests' public key.
const published = "autumn.mail._domainkey.leiden.test"

// A keyPair is a private key in PEM form, and the TXT record of its public key
// (RFC 6376 §3.6.1, RFC 8463 §4).
type keyPair struct{ private, record string }

func rsaKey(t *testing.T, encode func(*rsa.PrivateKey) *pem.Block) keyPair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{string(pem.EncodeToMemory(encode(key))), "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)}
}

func pkcs1(key *rsa.PrivateKey) *pem.Block {
	return &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
}

func pkcs8[K crypto.PrivateKey](key K) *pem.Block {
	data, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // the keys of tests are of kinds that it knows
	}
	return &pem.Block{Type: "PRIVATE KEY", Bytes: data}
}

func edKey(t *testing.T) keyPair {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{string(pem.EncodeToMemory(pkcs8(key))), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
}

func signedBy(key keyPair) func(*newsletter.Config) {
	return func(c *newsletter.Config) { c.DKIMKey, c.DKIMSelector = key.private, "autumn.mail" }
}

func TestASignatureHoldsForWhatGoesOverTheWire(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]keyPair{"PKCS #1": rsaKey(t, pkcs1), "PKCS #8": rsaKey(t, pkcs8[*rsa.PrivateKey]), "Ed25519": edKey(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			send(t, d.newsletter(t, t.TempDir(), signedBy(key)))
			for _, r := range d.mail.all() {
				checkSignature(t, []byte(r.data), key.record)
			}
		})
	}
}

func checkSignature(t *testing.T, message []byte, record string) {
	t.Helper()
	found, err := verify(message, record)
	if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "leiden.test" {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, field := range []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id",
		"List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Feedback-ID"} {
		if !slices.ContainsFunc(found[0].HeaderKeys, func(covered string) bool { return strings.EqualFold(covered, field) }) {
			t.Errorf("%s is not covered by the signature", field)
		}
	}
	for change, changed := range map[string][]byte{
		"another sender":    append([]byte("From: eve@example.org\r\n"), message...),
		"another subject":   bytes.Replace(message, []byte("\nSubject: "), []byte("\nSubject: Not "), 1),
		"another page":      bytes.Replace(message, []byte("networks.example.org"), []byte("networks.example.net"), 1),
		"another way out":   append([]byte("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), message...),
		"another recipient": bytes.Replace(message, []byte("\nTo: "), []byte("\nTo: eve@example.org, "), 1),
	} {
		if found, err := verify(changed, record); err == nil && found[0].Err == nil {
			t.Errorf("%s: the signature holds", change)
		}
	}
}

func verify(message []byte, record string) ([]*dkim.Verification, error) {
	return dkim.VerifyWithOptions(bytes.NewReader(message), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != published {
			return nil, fmt.Errorf("%s is looked up, not %s", name, published)
		}
		return []string{record}, nil
	}})
}

// SpamAssassin and amavis check signatures with Mail::DKIM, which does not support
// Ed25519.
func TestASignatureHoldsForMailDKIM(t *testing.T) {
	t.Parallel()
	perl := needPerl(t)
	key := rsaKey(t, pkcs8[*rsa.PrivateKey])
	d := newDesk(t)
	send(t, d.newsletter(t, t.TempDir(), signedBy(key)))
	ask := func(message string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), perl, filepath.Join("testdata", "verify.pl"), published, key.record)
		cmd.Stdin, cmd.Stderr = strings.NewReader(message), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("ask Mail::DKIM: %v", err)
		}
		return string(out)
	}
	message := strings.ReplaceAll(strings.ReplaceAll(d.mail.to(t, ada).data, "\r\n", "\n"), "\n", "\r\n")
	if got := ask(message); !strings.HasPrefix(got, "pass ") || strings.Count(got, "from") != 2 {
		t.Errorf("Mail::DKIM says: %s", got)
	}
	if got := ask(strings.Replace(message, "networks.example.org", "networks.example.net", 1)); !strings.HasPrefix(got, "fail") {
		t.Errorf("of another message, Mail::DKIM says: %s", got)
	}
}

// needPerl returns the path of a Perl with Mail::DKIM.
func needPerl(t *testing.T) string {
	t.Helper()
	perl := npmtest.Program(t, "dkim", "perl")
	if out, err := exec.CommandContext(t.Context(), perl, "-MMail::DKIM::Verifier", "-e", "1").CombinedOutput(); err != nil {
		t.Fatalf("no Mail::DKIM: .ci/run installs it: %v: %s", err, out)
	}
	return perl
}

// A process that continues a digest sends the same messages, except for the time
// of the signature.
func TestASignedMessageStaysTheSame(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), signedBy(edKey(t)))
	d.mail.on("DOT", answer(451)) // after the message was read
	if _, err := n.Send(t.Context()); err == nil {
		t.Fatal("nobody was put off")
	}
	d.mail.on("DOT", nil)
	send(t, n)
	sent := make(map[string]string)
	for _, r := range d.mail.all() {
		_, unsigned, ok := strings.Cut(r.data, "\nList-Id:")
		if !ok || sent[r.to] != "" && sent[r.to] != unsigned {
			t.Errorf("%s got another message the second time:\n%s", r.to, cmp.Diff(sent[r.to], unsigned))
		}
		sent[r.to] = unsigned
	}
	if all := d.mail.all(); len(all) != 6 || len(sent) != 3 {
		t.Errorf("%d messages to %d", len(all), len(sent))
	}
}

func TestFeedbackIsSortedByDigest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	report := send(t, d.newsletter(t, t.TempDir()))
	m, err := mail.ReadMessage(strings.NewReader(d.mail.to(t, ada).data))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Header.Get("Feedback-Id"), report.Digest+":leiden-networks:digest:netsync"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestSigningNeedsItsSettings(t *testing.T) {
	t.Parallel()
	key := edKey(t).private
	for name, set := range map[string]func(*newsletter.Config){
		"no selector": func(c *newsletter.Config) { c.DKIMKey = key },
		"no key":      func(c *newsletter.Config) { c.DKIMSelector = "x" },
		"no sender":   func(c *newsletter.Config) { c.DKIMKey, c.DKIMSelector, c.From = key, "x", "" },
		"not a key":   func(c *newsletter.Config) { c.DKIMKey, c.DKIMSelector = "hunter2", "x" },
		"no domain":   func(c *newsletter.Config) { c.DKIMKey, c.DKIMSelector, c.From = key, "x", "a@[192.0.2.1]" },
	} {
		c := newsletter.Config{Dir: t.TempDir(), BaseURL: baseURL, From: "a@leiden.test", Log: zap.NewNop()}
		set(&c)
		if err := c.Validate(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
