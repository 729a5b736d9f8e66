package listmonk_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"netsync/publishers/newsletter/listmonk"
	"netsync/publishers/newsletter/listmonk/listmonktest"
)

func TestACampaignIsCreatedFoundStartedAndRemoved(t *testing.T) {
	t.Parallel()
	server := listmonktest.Start(t, "127.0.0.1:1")
	ctx := context.Background()
	client := listmonk.New(server.URL+"/", server.User, server.Token)
	list := server.List(t, "Staff", "ada@example.org")
	if ok, err := client.HasList(ctx, list); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, err := client.HasList(ctx, 99); ok || err != nil {
		t.Fatal(ok, err)
	}
	template, err := client.EnsureTemplate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := client.EnsureTemplate(ctx); again != template || err != nil {
		t.Errorf("template %d, then %d: %v", template, again, err)
	}
	draft := listmonk.Draft{Name: "leiden digest 0123abcd", Subject: "News", HTML: "<p>x</p>", Text: "x", Lists: []int{list}, Template: template, Language: "en"}
	made, err := client.Create(ctx, draft)
	if err != nil || made.Status != listmonk.StatusDraft || made.Name != draft.Name || len(made.ListIDs()) != 1 || made.ListIDs()[0] != list {
		t.Fatalf("%+v: %v", made, err)
	}
	other := draft
	for i := range 60 { // more than a page
		other.Name = draft.Name + strings.Repeat("x", i+1)
		if _, err := client.Create(ctx, other); err != nil {
			t.Fatal(err)
		}
	}
	second, err := client.Create(ctx, draft)
	if err != nil {
		t.Fatal(err)
	}
	for _, search := range []string{"0123abcd", ""} {
		found, err := client.Find(ctx, draft.Name, search)
		if err != nil || len(found) != 2 || found[0].ID != made.ID || found[1].ID != second.ID || found[0].ListIDs()[0] != list {
			t.Errorf("search for %q: %+v: %v", search, found, err)
		}
	}
	if found, err := client.Find(ctx, "no such", "nosuchname"); err != nil || len(found) != 0 {
		t.Errorf("%+v: %v", found, err)
	}
	if err := client.Start(ctx, made.ID); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := client.Get(ctx, made.ID); err != nil || !ok || got.Status == listmonk.StatusDraft {
		t.Errorf("%+v, %v: %v", got, ok, err)
	}
	var refused *listmonk.Error
	if err := client.Start(ctx, made.ID); !errors.As(err, &refused) || refused.Status != http.StatusBadRequest {
		t.Errorf("started twice: %v", err)
	}
	if err := client.Delete(ctx, second.ID); err != nil {
		t.Error(err)
	}
	if _, ok, err := client.Get(ctx, second.ID); ok || err != nil {
		t.Error(ok, err)
	}
	if err := client.Delete(ctx, second.ID); err != nil {
		t.Errorf("removed twice: %v", err)
	}
	_, err = listmonk.New(server.URL, server.User, "a-wrong-token").Create(ctx, draft)
	if err == nil || !strings.Contains(err.Error(), "newsletter.listmonk.user") || strings.Contains(err.Error(), "a-wrong-token") {
		t.Errorf("a wrong token: %v", err)
	}
}

func TestAnswersThatAreNoneOfListmonksAreErrorsThatSayWhatWasDone(t *testing.T) {
	t.Parallel()
	const token = "a-very-secret-token"
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a page":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "not listmonk's"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, "redirects are not followed"},
		"a gateway":  {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<h1>down</h1>", http.StatusBadGateway) }, "502 (Bad Gateway)"},
		"a message": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"message": "the database\nis away"}`))
		}, "500 (the database is away)"},
		"a flood": {func(w http.ResponseWriter, _ *http.Request) {
			for range 17 << 4 {
				_, _ = w.Write(make([]byte, 64<<10))
			}
		}, "larger than 16 MiB"},
		"a cut": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		server := httptest.NewServer(c.answer)
		_, err := listmonk.New(server.URL, "netsync", token).Create(context.Background(), listmonk.Draft{Name: "x"})
		server.Close()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "create a campaign") || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
