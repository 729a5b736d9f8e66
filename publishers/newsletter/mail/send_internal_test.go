package mail

import (
	"bufio"
	"bytes"
	"net/textproto"
	"testing"

	"pgregory.net/rapid"
)

// The written content equals that of net/textproto.
func TestContentIsWrittenAsTheStandardHasIt(t *testing.T) {
	t.Parallel()
	pieces := rapid.SliceOf(rapid.SampledFrom([]string{"a", ".", "..", "\r\n", "\r\n", "\n", "\r", "\r\n.\r\n", "é", "\x00"}))
	rapid.Check(t, func(t *rapid.T) {
		var data []byte
		for _, piece := range pieces.Draw(t, "pieces") {
			data = append(data, piece...)
		}
		var want, got bytes.Buffer
		standard := textproto.NewWriter(bufio.NewWriter(&want)).DotWriter()
		if _, err := standard.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := standard.Close(); err != nil {
			t.Fatal(err)
		}
		if err := writeContent(bufio.NewWriter(&got), data); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Fatalf("%q goes out as %q, want %q", data, got.String(), want.String())
		}
	})
}

// An address with a second command is not sent: the test has no server.
func TestNoAddressBringsACommandOfItsOwn(t *testing.T) {
	t.Parallel()
	for want, m := range map[sendStep]Message{
		stepMail: {From: "a@example.org>\r\nRSET", To: "c@example.org"},
		stepRcpt: {From: "a@example.org", To: "c@example.org>\nDATA"},
	} {
		c := Connection{pipelines: true}
		if failed, err := c.sendEnvelope(m); failed != want || err == nil {
			t.Errorf("%+v: step %q, %v", m, failed, err)
		}
	}
}
