package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/broker"
	"netsync/publishers/newsletter"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/event"
	"netsync/schema/stream"
)

// mostMessages bounds what is sent, since each message is noted on a disk.
const mostMessages = 2_000

// measureNewsletter sends a digest to many subscribers, noting each durably,
// beside Postfix's smtp-source, which sends one text and notes nothing. Then it
// measures the memory of a process that sends to few and to many.
func measureNewsletter(ctx context.Context, dir string, records int) error {
	source, sink := postfix("smtp-source"), postfix("smtp-sink")
	if source == "" || sink == "" {
		fmt.Println("\nthe newsletter is not measured: smtp-source and smtp-sink are not installed (Debian: postfix)")
		return nil
	}
	address, stop, err := startSink(ctx, sink)
	if err != nil {
		return err
	}
	defer stop()
	office, err := openOffice(ctx, filepath.Join(dir, "mail"), address)
	if err != nil {
		return err
	}
	defer office.broker.Close()
	messages := min(records, mostMessages)
	size, err := office.size(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("\n%-56s %10s  %5s  %5s\n", fmt.Sprintf("%d messages of %d bytes", messages, size), "a second", "ratio", "goal")
	for _, c := range []struct {
		connections int
		goal        float64
	}{{1, 0.5}, {10, 0.3}} {
		var theirs, ours []time.Duration
		for range 3 {
			begun := time.Now()
			args := []string{"-d", "-s", strconv.Itoa(c.connections), "-m", strconv.Itoa(messages), "-l", strconv.Itoa(size), "-f", "networks@example.org", "-t", "reader@example.org", address}
			if out, err := exec.CommandContext(ctx, source, args...).CombinedOutput(); err != nil {
				return fmt.Errorf("smtp-source: %w: %s", err, out)
			}
			theirs = append(theirs, time.Since(begun))
			took, err := office.send(ctx, messages, c.connections)
			if err != nil {
				return err
			}
			ours = append(ours, took)
		}
		rate := func(times []time.Duration) float64 { return float64(messages) / median(times).Seconds() }
		fmt.Printf("%-56s %10.0f\n", fmt.Sprintf("smtp-source -d -s %d", c.connections), rate(theirs))
		fmt.Printf("%-56s %10.0f  %5.2f  %5.2f\n", fmt.Sprintf("netsync: a digest, %d connections", c.connections), rate(ours), rate(ours)/rate(theirs), c.goal)
	}
	fmt.Printf("\n%-56s %10s\n", "a process that sends a digest", "peak")
	for _, n := range []int{1_000, max(records, 1_000)} {
		memory, err := office.memory(ctx, n)
		if err != nil {
			return err
		}
		fmt.Printf("%-56s %6d MiB\n", fmt.Sprintf("to %d subscribers", n), memory)
	}
	return nil
}

// postfix finds one of Postfix's test programs; "" where it is not installed.
func postfix(name string) string {
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	return ""
}

// startSink starts a mail server that throws everything away.
func startSink(ctx context.Context, sink string) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	args := []string{address, "100"}
	if os.Getuid() == 0 {
		args = append([]string{"-u", "nobody"}, args...)
	}
	cmd := exec.CommandContext(ctx, sink, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { _, _ = cmd.Process.Kill(), cmd.Wait() }
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return address, stop, conn.Close()
		}
		select {
		case <-ctx.Done():
			stop()
			return "", nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// An office is a broker and a dataset that there is something to tell of.
type office struct {
	dir, server string
	broker      *broker.Broker
	js          jetstream.JetStream
}

// state is the file that the dataset is in.
func (o *office) state() string { return filepath.Join(o.dir, "state") }

func openOffice(ctx context.Context, dir, server string) (*office, error) {
	o := &office{dir: dir, server: server}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := writeState(o.state(), 100); err != nil {
		return nil, err
	}
	b, err := broker.Start(ctx, broker.Config{StoreDir: filepath.Join(dir, "nats"), Listen: "127.0.0.1:0", InfoFile: o.info(), Log: zap.NewNop()})
	if err != nil {
		return nil, err
	}
	nc, err := b.Connect()
	if err == nil {
		o.js, err = jetstream.New(nc)
	}
	o.broker = b
	if err == nil {
		err = o.appendManifest(ctx)
	}
	return o, err
}

// info is the file that says how to reach the broker.
func (o *office) info() string { return filepath.Join(o.dir, "broker.json") }

// appendManifest makes the dataset's stream, and says in it what the dataset is.
func (o *office) appendManifest(ctx context.Context) error {
	d, err := readState(o.state())
	if err != nil {
		return err
	}
	e, err := d.imported()
	if err != nil {
		return err
	}
	dataset := e.Position.Dataset
	if _, err := o.js.CreateStream(ctx, stream.Config(dataset, 1)); err != nil {
		return err
	}
	said := event.Event{ID: e.Changeset.ID, Type: event.ChangesetCompleted, Dataset: dataset, Time: time.Now().UTC(), Changeset: e.Changeset}
	data, err := event.Encode(said)
	if err == nil {
		_, err = o.js.Publish(ctx, said.Subject(), data)
	}
	return err
}

// letter makes a newsletter with a draft of ten changes.
func (o *office) letter(ctx context.Context, c newsletter.Config) (n *newsletter.Newsletter, err error) {
	if c.Dir, err = os.MkdirTemp(o.dir, "newsletter-"); err != nil {
		return nil, err
	}
	c.BaseURL, c.From, c.JetStream, c.Log = "https://www.example.org", "Networks <networks@example.org>", o.js, zap.NewNop()
	if n, err = newsletter.New(c); err != nil {
		return nil, err
	}
	d, err := readState(o.state())
	if err != nil {
		return nil, err
	}
	e, err := d.imported()
	for i := 0; err == nil && i < 10; i++ {
		if err = n.Publish(ctx, e); err == nil {
			e, err = d.changed(i)
		}
	}
	return n, err
}

// send sends a digest and returns how long that took.
func (o *office) send(ctx context.Context, messages, connections int) (time.Duration, error) {
	if err := o.enlist(ctx, messages); err != nil {
		return 0, err
	}
	n, err := o.letter(ctx, newsletter.Config{SMTP: o.server, Connections: connections})
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	r, err := n.Send(ctx)
	took := time.Since(begun)
	if err == nil && r.Sent != messages {
		err = fmt.Errorf("%d of %d messages were sent", r.Sent, messages)
	}
	return took, err
}

// enlist begins anew with so many subscribers, who were never sent to.
func (o *office) enlist(ctx context.Context, many int) error {
	for _, bucket := range []string{newsletter.Bucket("bench"), subscribers.Bucket("bench")} {
		if err := o.js.DeleteKeyValue(ctx, bucket); err != nil && !errors.Is(err, jetstream.ErrBucketNotFound) {
			return err
		}
	}
	list, err := subscribers.Open(ctx, o.js, "bench")
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i := range many {
		g.Go(func() error {
			_, _, err := list.Put(ctx, subscribers.Subscriber{
				Address:     fmt.Sprintf("reader-%d@example.org", i),
				Preferences: subscribers.Preferences{Frequency: subscribers.Weekly},
				Origin:      subscribers.ByImport, Confirmed: time.Now().UTC(),
			})
			return err
		})
	}
	return g.Wait()
}

// memory sends a digest in a process of its own, and returns how much that had
// resident at most, in MiB.
func (o *office) memory(ctx context.Context, many int) (int, error) {
	if err := o.enlist(ctx, many); err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "-send-digest", o.dir, "-smtp", o.server, "-n", strconv.Itoa(many))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("send a digest to %d: %w", many, err)
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

// sendDigest sends a digest for an office in another process, and prints how
// much memory that took.
func sendDigest(ctx context.Context, dir, server string, many int) error {
	o := &office{dir: dir, server: server}
	nc, _, err := dial(o.info())
	if err != nil {
		return err
	}
	defer nc.Close()
	if o.js, err = jetstream.New(nc); err != nil {
		return err
	}
	n, err := o.letter(ctx, newsletter.Config{SMTP: server, Connections: 10})
	if err != nil {
		return err
	}
	r, err := n.Send(ctx)
	if err == nil && r.Sent != many {
		err = fmt.Errorf("%d of %d messages were sent", r.Sent, many)
	}
	fmt.Println(peak())
	return err
}

// size is how many bytes a message has.
func (o *office) size(ctx context.Context) (int, error) {
	var s scale
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &s, nil }))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	n, err := o.letter(ctx, newsletter.Config{SMTP: l.Addr().String()})
	if err == nil {
		err = n.SendTest(ctx, "reader-1@example.org")
	}
	err = errors.Join(err, server.Close())
	_ = <-done // it says that it was closed
	return s.bytes, err
}

// A scale weighs a message.
type scale struct{ bytes int }

func (*scale) Mail(string, *smtp.MailOptions) error { return nil }
func (*scale) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*scale) Reset()                               {}
func (*scale) Logout() error                        { return nil }

func (s *scale) Data(r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	s.bytes = int(n)
	return err
}
