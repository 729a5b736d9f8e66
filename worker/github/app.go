package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"
)

// An App is a GitHub App that is installed in the repository's organization.
type App struct {
	ID           string // its number or client id
	Installation int64
	PrivateKey   string // RSA, in PEM form; a secret
}

// parseKey parses a key in the form that GitHub issues (PKCS #1), or in PKCS #8.
func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("github: the App's private key is not in PEM form")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("github: the App's private key is no RSA key")
	}
	return key, nil
}

// An appKey is the credential of the App itself: a JSON Web Token signed with its key,
// valid for some minutes.
type appKey struct {
	id  string
	key *rsa.PrivateKey
}

// Times of a token. GitHub allows ten minutes; its clock may be behind ours.
const (
	skew     = time.Minute
	lifetime = 9 * time.Minute
)

// authHeader signs a token (RFC 7519; RFC 7518 §3.3).
func (a appKey) authHeader(context.Context) (string, error) {
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"iat": now.Add(-skew).Unix(), "exp": now.Add(lifetime).Unix(), "iss": a.id,
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign as the GitHub App: %w", err)
	}
	return "Bearer " + signed + "." + encode(signature), nil
}

func (a appKey) handleRefusal() {}

// An installation is the credential of an App in one organization. It is requested when it
// is needed, and again some minutes before it expires.
type installation struct {
	app *github.Client // authenticates as the App
	id  int64

	mu      sync.Mutex
	token   string
	expires time.Time
}

const renewBefore = 5 * time.Minute

func (i *installation) authHeader(ctx context.Context) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Until(i.expires) < renewBefore {
		t, _, err := i.app.Apps.CreateInstallationToken(ctx, i.id, nil)
		if err != nil {
			return "", fmt.Errorf("ask for a token as the GitHub App: %w", err)
		}
		i.token, i.expires = t.GetToken(), t.GetExpiresAt().Time
	}
	return "Bearer " + i.token, nil
}

// handleRefusal forgets the token, which may have been revoked.
func (i *installation) handleRefusal() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.expires = time.Time{}
}
