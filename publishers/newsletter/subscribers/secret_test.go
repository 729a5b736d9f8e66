package subscribers_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"time"

	"netsync/publishers/newsletter/subscribers"
)

func TestLinksOfAnEarlierSecretAreRecognizedForAYear(t *testing.T) {
	t.Parallel()
	l, js := open(t)
	s := add(t, l, "ada@example.org")
	token := l.Token(subscribers.Unsubscribe, s.ID)
	request := subscribers.Request{Address: "grace@example.org", Made: now}
	sealed, err := l.Seal(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.RenewSecret(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	other, err := subscribers.Open(t.Context(), js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]*subscribers.List{"the process that renewed it": l, "another": other} {
		if l.ID("ada@example.org") != s.ID {
			t.Errorf("%s: the id changed", name)
		}
		if l.Token(subscribers.Unsubscribe, s.ID) == token {
			t.Errorf("%s: links stay the same", name)
		}
		if id, err := l.Read(subscribers.Unsubscribe, token, now); !errors.Is(err, subscribers.ErrRenewed) || id != s.ID {
			t.Errorf("%s reads an earlier link as %q, %v", name, id, err)
		}
		if _, err := l.Read(subscribers.Unsubscribe, token, now.Add(366*24*time.Hour)); !errors.Is(err, subscribers.ErrToken) {
			t.Errorf("%s reads it after a year: %v", name, err)
		}
		if _, err := l.Read(subscribers.Prefer, token, now); !errors.Is(err, subscribers.ErrToken) {
			t.Errorf("%s reads it for another purpose: %v", name, err)
		}
		if r, err := l.Unseal(sealed, now); !errors.Is(err, subscribers.ErrRenewed) || r.Address != request.Address {
			t.Errorf("%s reads an earlier request as %+v, %v", name, r, err)
		}
		fresh := l.Token(subscribers.Unsubscribe, s.ID)
		if id, err := l.Read(subscribers.Unsubscribe, fresh, now); err != nil || id != s.ID {
			t.Errorf("%s reads a new link as %q, %v", name, id, err)
		}
	}
}

// TestAnUpgradeRenewsTheSecretOnce opens a list of a version with a single
// secret.
func TestAnUpgradeRenewsTheSecretOnce(t *testing.T) {
	t.Parallel()
	before, js := open(t)
	s := add(t, before, "ada@example.org")
	kv, err := js.KeyValue(t.Context(), subscribers.Bucket(dataset))
	if err != nil {
		t.Fatal(err)
	}
	if err := kv.Purge(t.Context(), "links"); err != nil {
		t.Fatal(err)
	}
	first, err := subscribers.Open(t.Context(), js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	if first.ID("ada@example.org") != s.ID {
		t.Error("the upgrade changed the ids")
	}
	second, err := subscribers.Open(t.Context(), js, dataset)
	if err != nil {
		t.Fatal(err)
	}
	if first.Token(subscribers.Prefer, s.ID) != second.Token(subscribers.Prefer, s.ID) {
		t.Error("a second start renewed the secret again")
	}
	secret, err := kv.Get(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	token := tokenOfOneSecret(t, string(secret.Value()), subscribers.Unsubscribe, s.ID)
	if id, err := second.Read(subscribers.Unsubscribe, token, time.Now()); !errors.Is(err, subscribers.ErrRenewed) || id != s.ID {
		t.Errorf("a link of the earlier version is read as %q, %v", id, err)
	}
}

// tokenOfOneSecret returns a token of a version with a single secret.
func tokenOfOneSecret(t *testing.T, secret string, p subscribers.Purpose, id string) string {
	t.Helper()
	key, err := hex.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s\n%s\n", dataset, p)
	h.Write(raw)
	return base64.RawURLEncoding.EncodeToString(append(raw, h.Sum(nil)[:16]...))
}
