package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Digest is "sha256:" and 64 hexadecimal digits.
type Digest string

const digestPrefix = "sha256:"

// DigestOf returns the digest of data.
func DigestOf(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest(digestPrefix + hex.EncodeToString(sum[:]))
}

// Valid reports whether d is well-formed.
func (d Digest) Valid() bool {
	sum, ok := strings.CutPrefix(string(d), digestPrefix)
	raw, err := hex.DecodeString(sum)
	return ok && err == nil && len(raw) == sha256.Size
}

// Short returns the first twelve hexadecimal digits, for people.
func (d Digest) Short() string {
	sum := strings.TrimPrefix(string(d), digestPrefix)
	return sum[:min(12, len(sum))]
}

// Hex returns the 64 hexadecimal digits.
func (d Digest) Hex() string { return strings.TrimPrefix(string(d), digestPrefix) }

// HexDigest returns the digest with those hexadecimal digits.
func HexDigest(digits string) Digest { return Digest(digestPrefix + digits) }
