package signup_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/zap"

	"netsync/publishers/newsletter/signup"
)

func TestTheFormsAddressWithoutASlash(t *testing.T) {
	t.Parallel()
	desk, err := signup.New(signup.Config{Letter: &counter{}, Open: true, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	desk.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/newsletter/subscribe?lang=nl", nil))
	if at := w.Header().Get("Location"); w.Code != http.StatusMovedPermanently || at != "subscribe/?lang=nl" {
		t.Errorf("%d to %q", w.Code, at)
	}
}
