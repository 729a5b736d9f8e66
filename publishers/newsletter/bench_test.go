package newsletter_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"netsync/publishers/newsletter"
)

// BenchmarkDeliver sends a digest to b.N recipients, so that an operation is one
// message.
func BenchmarkDeliver(b *testing.B) {
	for _, connections := range []int{1, 10} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			d := newDesk(b)
			address := drain(b)
			n := d.newsletter(b, b.TempDir(), many(b.N, connections), func(c *newsletter.Config) { c.SMTP = address })
			b.ReportAllocs()
			b.ResetTimer()
			if r := send(b, n); r.Sent != b.N {
				b.Errorf("%+v", r)
			}
			b.StopTimer()
		})
	}
}

// BenchmarkSubscribers is BenchmarkDeliver for subscribers with links of their own.
func BenchmarkSubscribers(b *testing.B) {
	d := newDesk(b)
	address := drain(b)
	n := d.newsletter(b, b.TempDir(), nobody, func(c *newsletter.Config) { c.SMTP, c.Connections = address, 10 })
	var people []string
	for i := range b.N {
		people = append(people, fmt.Sprintf("s%d@example.org", i))
	}
	subscribe(b, n, people...)
	b.ReportAllocs()
	b.ResetTimer()
	if r := send(b, n); r.Sent != b.N {
		b.Errorf("%+v", r)
	}
	b.StopTimer()
}

// drain starts a mail server that accepts and discards everything, to measure the
// sender only.
func drain(b *testing.B) (address string) {
	b.Helper()
	return listen(b, serveDrain)
}

func serveDrain(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "220 drain\r\n")
	in := bufio.NewScanner(conn)
	content := false
	for in.Scan() {
		answer := "250 yes"
		switch line := in.Text(); {
		case content && line != ".":
			continue
		case content:
			content = false
		case line == "DATA":
			content, answer = true, "354 go on"
		case strings.HasPrefix(line, "EHLO"):
			answer = "250-drain\r\n250-8BITMIME\r\n250 PIPELINING"
		case line == "QUIT":
			answer = "221 goodbye"
		}
		fmt.Fprintf(conn, "%s\r\n", answer)
	}
}
