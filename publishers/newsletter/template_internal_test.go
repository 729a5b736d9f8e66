package newsletter

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A filled template equals, byte for byte, a letter encoded for one recipient.
func TestAFormThatIsFilledInIsTheLetter(t *testing.T) {
	t.Parallel()
	const size = 43 // of a token
	token := rapid.StringMatching(`[A-Za-z0-9_-]{43}`)
	// Like random texts, neither occurs within itself, so its position in any
	// text is unambiguous.
	standIns := []string{"P" + strings.Repeat("p", size-1), "L" + strings.Repeat("l", size-1)}
	pieces := rapid.SliceOf(rapid.OneOf(
		rapid.SampledFrom([]string{"prefer", "leave", "prefer", "leave", " ", "\n", "\r\n", "\t", ".", "=", "=\n", "=\r\n", "é", "--", "\x00", strings.Repeat("x", 70)}),
		rapid.StringN(0, 80, -1),
	))
	rapid.Check(t, func(t *rapid.T) {
		values := []string{token.Draw(t, "prefer"), token.Draw(t, "leave")}
		says := letter{
			sender:      sender{from: &mail.Address{Name: "Networks", Address: "networks@example.org"}},
			Sent:        Sent{ID: "id", Subject: rapid.String().Draw(t, "subject"), Created: time.Unix(0, 0).UTC()},
			dataset:     "universities",
			unsubscribe: "https://www.example.org/unsubscribe/" + values[1],
		}
		with := func(parts, with []string) string {
			return strings.NewReplacer("prefer", with[0], "leave", with[1]).Replace(strings.Join(parts, ""))
		}
		html, text := pieces.Draw(t, "HTML"), pieces.Draw(t, "text")
		own, all := says, says
		own.content = content{Language: "en", HTML: with(html, values), Text: with(text, values)}
		all.content = content{Language: "en", HTML: with(html, standIns), Text: with(text, standIns)}
		f, err := all.newTemplate(standIns...)
		if err != nil {
			t.Fatal(err)
		}
		var room []byte
		for range 2 { // it serves many
			address := rapid.StringMatching(`[a-z]{1,40}@[a-z]{1,20}\.example\.org`).Draw(t, "address")
			want, err := own.messageTo(address)
			if err != nil {
				t.Fatal(err)
			}
			got, err := all.fillTemplate(f, room, address, values...)
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Data) != string(want.Data) || got.To != want.To || got.From != want.From {
				t.Fatalf("filled in: %q\nwant: %q", got.Data, want.Data)
			}
			room = got.Data
		}
	})
}
