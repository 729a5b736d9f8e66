package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/schema/testkit/npmtest"
)

// liveLimit is how long a commit may take to be live while guests do their
// worst, and guestMemory how much memory the process may take.
const (
	liveLimit   = 5 * time.Second
	guestMemory = 500 << 20
)

// TestGuestsCannotStopNetsync lets guests of the embedded broker try for some
// time to take all connections, consumers and subscriptions; -faults.n is the
// number of seconds. Commits are live all the while.
func TestGuestsCannotStopNetsync(t *testing.T) {
	t.Parallel()
	n, _ := faults(t, npmtest.Rounds(1, 3))
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks/una-europa.json", `"count":11`)
	ctx, stop := context.WithTimeout(t.Context(), time.Duration(n)*time.Second)
	defer stop()
	g := guestLoad{address: "nats://" + d.nat}
	var busy sync.WaitGroup
	for range 4 {
		busy.Go(func() { g.connect(ctx) })
		busy.Go(func() { g.consume(ctx) })
		busy.Go(func() { g.subscribe(ctx) })
	}
	count, slowest := 11, time.Duration(0)
	for commits := 0; ctx.Err() == nil || commits == 0; commits++ {
		d.replace("networks/una-europa.yaml", fmt.Sprint("count: ", count), fmt.Sprint("count: ", count+1))
		count++
		d.commit(fmt.Sprint("Grow to ", count))
		began := time.Now()
		d.waitFor("/data/networks/una-europa.json", fmt.Sprintf(`"count":%d`, count))
		slowest = max(slowest, time.Since(began))
	}
	stop()
	busy.Wait()
	peak := peakMemory(t, d.cmd.Process.Pid)
	t.Logf("%d connections, %d consumers and %d subscriptions tried: the slowest of %d commits was live after %v, memory peaked at %d MiB",
		g.connections.Load(), g.consumers.Load(), g.subscriptions.Load(), count-11, slowest, peak>>20)
	if slowest > liveLimit {
		t.Errorf("a commit was live after %v", slowest)
	}
	if peak > guestMemory {
		t.Errorf("memory peaked at %d MiB", peak>>20)
	}
	d.verify()
}

// guestLoad counts what guests tried.
type guestLoad struct {
	address                               string
	connections, consumers, subscriptions atomic.Int64
}

func (g *guestLoad) dial() (*nats.Conn, error) {
	g.connections.Add(1)
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	return nats.Connect(g.address, quiet, nats.NoReconnect(), nats.Timeout(time.Second))
}

// connect opens connections and keeps the last of them.
func (g *guestLoad) connect(ctx context.Context) {
	g.open(ctx, func() string { return "PING\r\n" })
}

// maxOpen is how many connections each part of the load keeps open.
const maxOpen = 300

// open opens one connection after another, and says on each what text returns.
func (g *guestLoad) open(ctx context.Context, text func() string) {
	var kept []net.Conn
	for ctx.Err() == nil {
		c, err := g.dialRaw(text())
		if err != nil {
			continue
		}
		if kept = append(kept, c); len(kept) > maxOpen {
			_ = kept[0].Close() // the server may have closed it
			kept = kept[1:]
		}
	}
	for _, c := range kept {
		_ = c.Close()
	}
}

// dialRaw opens a connection without a client's patience and sends what a guest
// may say after CONNECT.
func (g *guestLoad) dialRaw(text string) (net.Conn, error) {
	g.connections.Add(1)
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(g.address, "nats://"), time.Second)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	_, err = io.WriteString(c, `CONNECT {"verbose":false,"pedantic":false,"lang":"go","version":"1","protocol":1}`+"\r\n"+text)
	if err == nil {
		_, err = c.Read(make([]byte, 4<<10)) // INFO, and perhaps a refusal
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// consume creates consumers that stay as long as they may.
func (g *guestLoad) consume(ctx context.Context) {
	for ctx.Err() == nil {
		nc, err := g.dial()
		if err != nil {
			continue
		}
		js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(time.Second))
		for err == nil && ctx.Err() == nil {
			g.consumers.Add(1)
			_, err = js.CreateConsumer(ctx, "netsync-leiden-networks", jetstream.ConsumerConfig{InactiveThreshold: time.Hour})
		}
		nc.Close()
	}
}

// subscribe makes subscriptions on as many connections as it gets.
func (g *guestLoad) subscribe(ctx context.Context) {
	const each = 1000
	var many strings.Builder
	for i := range each {
		fmt.Fprintf(&many, "SUB netsync.leiden-networks.networks.n%d %d\r\n", i, i)
	}
	g.open(ctx, func() string { g.subscriptions.Add(each); return many.String() })
}

// peakMemory returns the most memory that a process had, in bytes; 0 where the
// system does not say.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	return 0
}
