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
	"time"
)

// A Purpose is what a link is for. A link for one is none for another.
type Purpose string

// Purposes.
const (
	Unsubscribe Purpose = "unsubscribe"
	Prefer      Purpose = "preferences"
)

var (
	// ErrToken says that a link was not made here, or was changed on its way.
	ErrToken = errors.New("the link is not valid; perhaps only part of it was copied")
	// ErrExpired says that a link is too old.
	ErrExpired = errors.New("the link has expired; ask for a new one")
)

// Token returns what a link to a subscriber's own page has in it. It stays the
// same, so that the link in an old mail works.
func (l *List) Token(p Purpose, id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil {
		return "" // no list has such an id
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, l.mac(string(p), raw)...))
}

// Read returns the id that a token was made for. The comparison takes the same
// time whatever was forged. The error is ErrToken.
func (l *List) Read(p Purpose, token string) (id string, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 2*idSize || !hmac.Equal(raw[idSize:], l.mac(string(p), raw[:idSize])) {
		return "", ErrToken
	}
	return hex.EncodeToString(raw[:idSize]), nil
}

// A Request is a subscription that waits for its confirmation. It is kept in the
// link alone.
type Request struct {
	Address string `json:"address"`
	Preferences
	Made time.Time `json:"made"`
}

// Lifetime is how long a request can be confirmed.
const Lifetime = 7 * 24 * time.Hour

// Seal returns a request as the part of a link: encrypted, so that nobody who
// sees the link sees the address, and nobody else can make one.
func (l *List) Seal(r Request) (string, error) {
	box, err := l.box()
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode the request: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(box.Seal(nil, nil, data, []byte(l.dataset))), nil
}

// Unseal reads a request. The error is ErrToken or ErrExpired.
func (l *List) Unseal(sealed string, now time.Time) (r Request, err error) {
	box, err := l.box()
	if err != nil {
		return r, err
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return r, ErrToken
	}
	data, err := box.Open(nil, nil, raw, []byte(l.dataset))
	if err != nil || json.Unmarshal(data, &r) != nil {
		return Request{}, ErrToken
	}
	if age := now.Sub(r.Made); age > Lifetime || age < -time.Hour { // a clock that was set back
		return Request{}, ErrExpired
	}
	return r, nil
}

func (l *List) box() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, l.secret, nil, "netsync subscription request", 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
