package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/google/go-github/v60/github"
)

// checkSignature checks X-Hub-Signature-256 in constant time. The older SHA-1
// signature is not enough, however right it is.
func checkSignature(secret string, body []byte, header http.Header) Outcome {
	signature := header.Get(github.SHA256SignatureHeader)
	switch {
	case signature == "" && header.Get(github.SHA1SignatureHeader) != "":
		return SHA1Only
	case signature == "":
		return Unsigned
	}
	sum, ok := strings.CutPrefix(signature, "sha256=")
	got, err := hex.DecodeString(sum)
	if !ok || err != nil {
		return WrongSignature
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	if !hmac.Equal(got, mac.Sum(nil)) {
		return WrongSignature
	}
	return Accepted
}
