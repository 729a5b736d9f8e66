package webhook

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	// The example of the specification's reference libraries.
	s, err := ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature %s", got)
	}
	for _, wrong := range []string{"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!", "whsec_AAAA"} {
		if _, err := ParseSecret(wrong); err == nil {
			t.Errorf("%q is no secret", wrong)
		} else if wrong != "" && strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%v tells the secret", err)
		}
	}
	h := http.Header{}
	now := time.Unix(1614265330, 0)
	h.Set(headerID, "a")
	h.Set(headerTimestamp, fmt.Sprint(now.Unix()))
	h.Set(headerSignature, "v1,bad "+s.Sign("a", now, []byte("b")))
	if err := s.Verify(h, []byte("b"), now.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	for _, late := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		if err := s.Verify(h, []byte("b"), now.Add(late)); err == nil {
			t.Error("an old delivery is taken")
		}
	}
	if err := s.Verify(h, []byte("c"), now); err == nil {
		t.Error("another body is taken")
	}
}
