package newsletter_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netsync/publishers/newsletter"
)

const welcome = "# Welcome\n\nDear colleagues, **two** things:\n\n- [the programme](https://example.org/p?a=1&b=2)\n- questions to <editor@example.org>"

func setNote(tb testing.TB, n *newsletter.Newsletter, language, text string) newsletter.Noted {
	tb.Helper()
	noted, err := n.SetNote(context.Background(), language, text)
	if err != nil {
		tb.Fatal(err)
	}
	return noted
}

func noteOf(tb testing.TB, n *newsletter.Newsletter, language string) string {
	tb.Helper()
	noted, err := n.Note(context.Background(), language)
	if err != nil {
		tb.Fatal(err)
	}
	return noted.Note
}

func TestANoteIsOnTopOfTheNextDigestAndUsedUpByIt(t *testing.T) {
	t.Parallel()
	d, dir := newDesk(t), t.TempDir()
	n := d.newsletter(t, dir)
	if got := noteOf(t, n, ""); got != "" {
		t.Errorf("before there is one: %q", got)
	}
	noted := setNote(t, n, "", welcome+"\r\n\n")
	if want := (newsletter.Noted{Language: "en", Note: welcome}); noted != want {
		t.Errorf("%+v", noted)
	}
	if draft := drafted(t, n); draft.Note != welcome {
		t.Errorf("the draft's note: %q", draft.Note)
	}
	rebuilt := filepath.Join(dir, "rebuilt")
	d.newsletter(t, rebuilt)
	if diff := cmp.Diff(shown(t, rebuilt), shown(t, dir)); diff != "" {
		t.Error(diff)
	}
	send(t, n)
	parts := bodies(t, d.mail.all()[0])
	if !strings.Contains(parts["text/plain"], "\n\n\n"+welcome+"\n\n\n") {
		t.Errorf("text:\n%s", parts["text/plain"])
	}
	for _, part := range []string{
		`<h2 style="margin:16px 0 6px;font-size:18px;line-height:1.3;">Welcome</h2>`, `<strong>two</strong>`,
		`<a href="https://example.org/p?a=1&amp;b=2" style=`, `<a href="mailto:editor@example.org" style=`,
	} {
		if !strings.Contains(parts["text/html"], part) {
			t.Errorf("no %s in\n%s", part, parts["text/html"])
		}
	}
	if got := noteOf(t, n, ""); got != "" || drafted(t, n).Note != "" {
		t.Errorf("the next one has it, too: %q", got)
	}
	// Setting the same text again creates another note.
	setNote(t, n, "", welcome)
	if got := noteOf(t, d.newsletter(t, t.TempDir()), ""); got != welcome {
		t.Errorf("set again: %q", got)
	}
	if r := send(t, n); !r.Empty || len(d.mail.all()) != 3 {
		t.Errorf("a note alone was sent: %+v", r)
	}
}

func bodies(t *testing.T, r received) map[string]string {
	t.Helper()
	m := r.message(t)
	return partsOf(t, m.Header.Get("Content-Type"), m.Body)
}

func TestANoteBelongsToTheDigestThatWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), hold)
	first := runDue(t, n, d.now)
	below := preview(t, n, first.Digest)

	// Later changes are not in it, with or without the note.
	d.commit("More", []edit{{"networks/una-europa", replace(una, "10", "12")}})
	d.catchUp(t, n)
	with := setNote(t, n, "", welcome)
	if with.Digest == first.Digest || with.Digest == "" || with.Waiting != first.Waiting {
		t.Fatalf("%+v after %+v", with, first)
	}
	if got := preview(t, n, with.Digest); got != strings.Replace(below, "2026\n\n", "2026\n\n\n"+welcome+"\n\n", 1) {
		t.Errorf("the rest changed:\n%s", cmp.Diff(below, got))
	}
	// The id of content that was not read cannot be approved.
	if _, err := n.Approve(context.Background(), first.Digest); !errors.Is(err, newsletter.ErrNothingWaits) || !strings.Contains(err.Error(), with.Digest) {
		t.Errorf("the old id: %v", err)
	}
	if again := setNote(t, n, "", welcome); again != with {
		t.Errorf("the same note: %+v", again)
	}
	if cleared := setNote(t, n, "", ""); cleared.Digest != first.Digest || preview(t, n, first.Digest) != below {
		t.Errorf("without the note it is not what it was: %+v", cleared)
	}
	want := setNote(t, n, "", "Something *else*.")
	if all := list(t, n); len(all) != 1 || all[0].ID != want.Digest || !all[0].Waits() {
		t.Fatalf("%+v", all)
	}
	read := preview(t, n, want.Digest)
	approve(t, n, want.Digest)
	if got := bodies(t, d.mail.all()[0])["text/plain"]; got != read {
		t.Errorf("what was sent is not what was read:\n%s", cmp.Diff(read, got))
	}
	if draft := drafted(t, n); draft.Note != "" || draft.Empty {
		t.Errorf("the next one: %+v", draft)
	}
}

func preview(tb testing.TB, n *newsletter.Newsletter, id string) string {
	tb.Helper()
	data, err := n.Held(context.Background(), id, "text")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func TestANoteGoesOnWithTheChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir(), hold)
	runDue(t, n, d.now)
	with := setNote(t, n, "", welcome)
	if _, err := n.Cancel(context.Background(), with.Digest); err != nil {
		t.Fatal(err)
	}
	if got := drafted(t, n).Note; got != welcome {
		t.Errorf("after it was cancelled: %q", got)
	}
	next := send(t, n)
	if !strings.Contains(preview(t, n, next.Digest), welcome) {
		t.Error("the next digest does not have it")
	}
}

// Another process has a draft without the note.
func TestANoteIsInWhateverProcessSends(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n, other := d.newsletter(t, t.TempDir()), d.newsletter(t, t.TempDir())
	setNote(t, n, "", welcome)
	if err := other.SendTest(context.Background(), "editor@example.org"); err != nil {
		t.Fatal(err)
	}
	send(t, other)
	for _, r := range d.mail.all() {
		if !strings.Contains(bodies(t, r)["text/plain"], welcome) {
			t.Errorf("%s got it without", r.to)
		}
	}
}

func TestManyWhoSetANoteAndApproveAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	desks := []*newsletter.Newsletter{d.newsletter(t, t.TempDir(), hold), d.newsletter(t, t.TempDir(), hold), d.newsletter(t, t.TempDir(), hold)}
	r := runDue(t, desks[0], d.now)
	read := preview(t, desks[0], r.Digest)
	var all sync.WaitGroup
	errs := make([]error, len(desks))
	for i, n := range desks {
		all.Go(func() { _, errs[i] = n.SetNote(context.Background(), "", welcome) })
	}
	var approved error
	all.Go(func() { _, approved = desks[0].Approve(context.Background(), r.Digest) })
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if approved != nil && !errors.Is(approved, newsletter.ErrNothingWaits) {
		t.Error(approved)
	}
	for _, r := range d.mail.all() {
		if bodies(t, r)["text/plain"] != read {
			t.Error("something was sent that nobody has approved")
		}
	}
	if got := noteOf(t, desks[1], ""); got != welcome {
		t.Errorf("the note is lost: %q", got)
	}
}

func TestNotesInTwoLanguages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	setNote(t, n, "NL", "Beste collega's")
	if drafted(t, n).Note != "" {
		t.Error("it is in a digest of another language")
	}
	send(t, n)
	setNote(t, n, "en", "Dear colleagues") // the other one was not used
	if got := noteOf(t, n, "nl"); got != "Beste collega's" {
		t.Errorf("%q", got)
	}
	var wrong *newsletter.NoteError
	if _, err := n.SetNote(context.Background(), "fr", "Chers"); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "en, nl") {
		t.Errorf("a language that is not there: %v", err)
	}
	if _, err := n.SetNote(context.Background(), "", strings.Repeat("é", 10_001)); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "10000") {
		t.Errorf("too long: %v", err)
	}
	setNote(t, n, "", strings.Repeat("é", 10_000))
}

func TestANaughtyNoteDoesNoHarm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := d.newsletter(t, t.TempDir())
	setNote(t, n, "", strings.Join([]string{
		"X\r\nBcc: eve@example.org\r\n\r\n.\r\n", "</td></table><script>alert(1)</script>", "<!--", "-- ", "a\u202eb\x00c\x1b[31m",
		"[x](javascript:alert(1)) ![](https://evil.example/pixel.gif)", "<a href='https://e.example' onclick=x style='position:fixed'>y</a>",
		"[z](https://e.example/\"onmouseover=alert(1))", "\xff\xfe", "{{.Home}}", strings.Repeat("long", 300),
	}, "\n"))
	send(t, n)
	r := d.mail.all()[0]
	m := r.message(t)
	if m.Header.Get("Bcc") != "" || len(d.mail.count()) != 3 {
		t.Errorf("%v", m.Header)
	}
	parts := partsOf(t, m.Header.Get("Content-Type"), m.Body)
	for _, wrong := range []string{"<script", "onclick", "pixel.gif", "position:fixed", "javascript:", "<!--", "\u202e", "\x1b", "\x00"} {
		if strings.Contains(parts["text/html"], wrong) {
			t.Errorf("%q is in the HTML", wrong)
		}
	}
	for _, wrong := range []string{"\n-- \na", "\u202e", "\x1b", "\x00", "\xff"} {
		if strings.Contains(parts["text/plain"], wrong) {
			t.Errorf("%q is in the text", wrong)
		}
	}
	if !strings.Contains(parts["text/html"], "Changed in bulk") {
		t.Error("what comes after the note is lost")
	}
}
