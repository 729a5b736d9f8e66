package subscribers

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Purpose is the purpose of a link. A link is valid only for its own.
type Purpose string

// Purposes.
const (
	Unsubscribe Purpose = "unsubscribe"
	Prefer      Purpose = "preferences"
)

var (
	// ErrToken reports a forged or damaged link.
	ErrToken = errors.New("the link is not valid; perhaps only part of it was copied")
	// ErrExpired reports a link that is too old.
	ErrExpired = errors.New("the link has expired; ask for a new one")
	// ErrRenewed reports a link of an earlier secret. It still unsubscribes;
	// for other purposes its subscriber needs a new link.
	ErrRenewed = errors.New("the link was made with an earlier secret; ask for a new one")
)

// Token returns the token in a link to a subscriber's own page. It stays the
// same until the secret is renewed, so that the link in an old mail works.
func (l *List) Token(p Purpose, id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil {
		return "" // no list has such an id
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, l.hashFor(l.links.Current, string(p), raw)...))
}

// Read returns the id that a token was made for. The comparison takes the same
// time for any forged token. The error is ErrToken or, with the id, ErrRenewed
// for a token of a secret that was renewed less than LinkLifetime ago.
func (l *List) Read(p Purpose, token string, now time.Time) (id string, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 2*idSize {
		return "", ErrToken
	}
	id = hex.EncodeToString(raw[:idSize])
	isMadeWith := func(key []byte) bool { return hmac.Equal(raw[idSize:], l.hashFor(key, string(p), raw[:idSize])) }
	if isMadeWith(l.links.Current) {
		return id, nil
	}
	if slices.ContainsFunc(l.links.earlierSecrets(now), isMadeWith) {
		return id, ErrRenewed
	}
	return "", ErrToken
}

// A Request is an unconfirmed subscription. It is stored only in the link.
type Request struct {
	Address string `json:"address"`
	Preferences
	Made time.Time `json:"made"`
}

// Lifetime is how long a request can be confirmed.
const Lifetime = 7 * 24 * time.Hour

// Seal encodes a request for a link. It is encrypted, so that the link does not
// reveal the address and cannot be forged.
func (l *List) Seal(r Request) (string, error) {
	box, err := newBox(l.links.Current)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode the request: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(box.Seal(nil, nil, data, []byte(l.dataset))), nil
}

// Unseal reads a request. The error is ErrToken, ErrExpired or, with the
// request, ErrRenewed for one that was sealed with an earlier secret.
func (l *List) Unseal(sealed string, now time.Time) (r Request, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return r, ErrToken
	}
	r, err = l.open(l.links.Current, raw)
	for _, key := range l.links.earlierSecrets(now) {
		if err == nil {
			break
		}
		if r, err = l.open(key, raw); err == nil {
			err = ErrRenewed
			break
		}
	}
	if err != nil && !errors.Is(err, ErrRenewed) {
		return Request{}, err
	}
	if age := now.Sub(r.Made); age > Lifetime || age < -time.Hour { // the clock was set back
		return Request{}, ErrExpired
	}
	return r, err
}

// open decrypts a request with a key. The error is ErrToken.
func (l *List) open(key, raw []byte) (r Request, err error) {
	box, err := newBox(key)
	if err != nil {
		return r, err
	}
	data, err := box.Open(nil, nil, raw, []byte(l.dataset))
	if err != nil || json.Unmarshal(data, &r) != nil {
		return Request{}, ErrToken
	}
	return r, nil
}

func newBox(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "netsync subscription request", 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
