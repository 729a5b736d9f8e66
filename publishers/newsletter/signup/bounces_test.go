package signup_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/zap"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/signup"
	"netsync/publishers/newsletter/subscribers"
)

// A counter is a newsletter that only counts bounces.
type counter struct {
	signup.Letter
	got []subscribers.Failure
}

func (c *counter) Bounced(_ context.Context, f []subscribers.Failure) (newsletter.Bounced, error) {
	c.got = append(c.got, f...)
	return newsletter.Bounced{Counted: len(f)}, nil
}

func TestBouncesAreReported(t *testing.T) {
	t.Parallel()
	const report = "Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Final-Recipient: rfc822;gone@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n"
	for _, c := range []struct {
		name, token, sent, kind, body string
		status, counted               int
	}{
		{"a message", "secret", "Bearer secret", "message/rfc822", report, 200, 1},
		{"JSON", "secret", "bearer secret", "application/json; charset=utf-8", `{"address":"gone@example.org","status":"5.1.1"}`, 200, 1},
		{"another token", "secret", "Bearer Secret", "message/rfc822", report, 401, 0},
		{"no token", "secret", "", "message/rfc822", report, 401, 0},
		{"another scheme", "secret", "Basic secret", "message/rfc822", report, 401, 0},
		{"what is no report", "secret", "Bearer secret", "message/rfc822", "Subject: Hello\r\n\r\nHow are you?", 422, 0},
		{"JSON that is none", "secret", "Bearer secret", "application/json", "{", 422, 0},
		{"too much", "secret", "Bearer secret", "application/json", `[` + strings.Repeat(" ", 2<<20) + `]`, 422, 0},
		{"where it is off", "", "Bearer ", "message/rfc822", report, 404, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			letter := &counter{}
			desk, err := signup.New(signup.Config{Letter: letter, Log: zap.NewNop(), BounceToken: c.token})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "/newsletter/bounces", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			r.Header.Set("Authorization", c.sent)
			w := httptest.NewRecorder()
			desk.ServeHTTP(w, r)
			body, _ := io.ReadAll(w.Result().Body)
			if w.Code != c.status || len(letter.got) != c.counted {
				t.Errorf("%d, %d counted: %s", w.Code, len(letter.got), body)
			}
			if strings.Contains(string(body), "gone@") {
				t.Errorf("the answer tells an address: %s", body)
			}
		})
	}
}
