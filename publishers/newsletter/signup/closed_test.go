package signup_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/signup"
)

func TestWhereNobodyCanSubscribeAPageSaysSo(t *testing.T) {
	t.Parallel()
	desk, err := signup.New(signup.Config{Letter: &counter{}, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/newsletter/subscribe/?lang=en":  "Nobody can subscribe here now",
		"/newsletter/subscribe/?lang=nl":  "Inschrijven kan hier nu niet",
		"/newsletter/confirm/abc?lang=en": "Nobody can subscribe here now",
	} {
		w := httptest.NewRecorder()
		desk.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != 404 || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "/newsletter/subscribe\"") {
			t.Errorf("%s: %d\n%s", path, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	desk.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/newsletter/subscribe/", nil))
	if w.Code != 405 {
		t.Errorf("the form is taken: %d", w.Code)
	}
}
