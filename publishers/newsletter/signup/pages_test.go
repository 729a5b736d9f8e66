package signup_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/zap/zaptest"

	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/signup"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema"
)

// A willing newsletter lets everybody do everything.
type willing struct{ counter }

var ada = subscribers.Subscriber{ID: "1", Address: "ada@example.org", Preferences: subscribers.Preferences{Language: "en", Frequency: subscribers.Weekly, Topics: []string{"water"}}}

func (*willing) Offer(context.Context) (newsletter.Offer, error) {
	return newsletter.Offer{Title: schema.Text{"en": "Networks"}, Offer: subscribers.Offer{
		Languages: []string{"en", "nl"}, Topics: map[string]schema.Text{"water": {"en": "Water"}},
	}}, nil
}
func (*willing) Invite(context.Context, subscribers.Request) error { return nil }
func (*willing) Requested(context.Context, string) (subscribers.Request, error) {
	return subscribers.Request{Address: ada.Address, Preferences: ada.Preferences}, nil
}
func (*willing) Confirm(context.Context, string) (subscribers.Subscriber, error) { return ada, nil }
func (*willing) Subscriber(context.Context, subscribers.Purpose, string) (subscribers.Subscriber, error) {
	return ada, nil
}
func (*willing) Token(context.Context, subscribers.Purpose, string) (string, error) {
	return "token", nil
}
func (*willing) Prefer(context.Context, string, subscribers.Preferences) (subscribers.Subscriber, error) {
	return ada, nil
}
func (*willing) Unsubscribe(context.Context, string) error { return nil }

func TestEveryPageCanBeShown(t *testing.T) {
	t.Parallel()
	desk, err := signup.New(signup.Config{Letter: &willing{}, Open: true, Website: "https://www.example.org", Log: zaptest.NewLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path string
		form         url.Values
		status       int
	}{
		{"GET", "/newsletter/subscribe", nil, 200},
		{"POST", "/newsletter/subscribe", url.Values{"address": {"nobody"}}, 422},
		{"GET", "/newsletter/subscribe/sent", nil, 200},
		{"GET", "/newsletter/confirm/x", nil, 200},
		{"POST", "/newsletter/confirm/x", url.Values{}, 200},
		{"GET", "/newsletter/preferences/x", nil, 200},
		{"POST", "/newsletter/preferences/x", url.Values{"language": {"en"}, "frequency": {"monthly"}}, 200},
		{"POST", "/newsletter/preferences/x", url.Values{"language": {"xx"}, "topic[]": {"nothing"}}, 422},
		{"GET", "/newsletter/unsubscribe/x", nil, 200},
		{"POST", "/newsletter/unsubscribe/x", url.Values{"List-Unsubscribe": {"One-Click"}}, 200},
	} {
		for _, lang := range []string{"en", "nl"} {
			r := httptest.NewRequest(c.method, c.path+"?lang="+lang, strings.NewReader(c.form.Encode()))
			if c.method == http.MethodPost {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			w := httptest.NewRecorder()
			desk.ServeHTTP(w, r)
			if w.Code != c.status || !strings.HasSuffix(strings.TrimSpace(w.Body.String()), "</html>") {
				t.Errorf("%s %s in %s: %d, want %d\n%s", c.method, c.path, lang, w.Code, c.status, w.Body)
			}
		}
	}
}
