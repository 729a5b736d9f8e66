package ops

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"netsync/publishers/release"
)

// large exceeds the system's buffers for a reader that reads nothing.
const large = 48 << 20

// stalling serves a large file and a large answer with the given limit, and
// returns the address and a channel that signals closed connections.
func stalling(t *testing.T, stall time.Duration) (address string, closed <-chan struct{}) {
	t.Helper()
	dir, err := release.Open(filepath.Join(t.TempDir(), "website"))
	if err != nil {
		t.Fatal(err)
	}
	publishFolder(t, dir, "1", map[string]string{"index.html": "<p>small", "data/all.zip": strings.Repeat("PK", large/2)})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answer := bytes.Repeat([]byte("x"), large)
	s := New(Config{Listener: listener, Website: dir.Path(), Log: zap.NewNop(), Stall: stall, Mounts: map[string]http.Handler{
		"/answer": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }),
		"/late": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(2 * stall):
			case <-r.Context().Done():
			}
			_, _ = w.Write([]byte("late"))
		}),
	}})
	ended := make(chan struct{}, 10)
	s.http.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			ended <- struct{}{}
		}
	}
	done := make(chan error, 1)
	go func() { done <- s.http.Serve(listener) }()
	t.Cleanup(func() {
		if err := s.http.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return listener.Addr().String(), ended
}

func request(t *testing.T, address, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestAReaderWhoReadsNothingIsLetGo covers a file, an answer, and an idle
// connection.
func TestAReaderWhoReadsNothingIsLetGo(t *testing.T) {
	t.Parallel()
	address, closed := stalling(t, 200*time.Millisecond)
	for _, path := range []string{"/data/all.zip", "/answer"} {
		request(t, address, path)
		select {
		case <-closed:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: the connection is still held", path)
		}
	}
}

// TestAReaderWhoIsSlowGetsEverything takes many times as long as the limit.
func TestAReaderWhoIsSlowGetsEverything(t *testing.T) {
	t.Parallel()
	const stall = 3 * time.Second // a busy machine may pause the reader for less
	address, _ := stalling(t, stall)
	t.Run("readers", func(t *testing.T) {
		for _, path := range []string{"/data/all.zip", "/answer"} {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				if total, err := readSlowly(request(t, address, path), stall/12); err != nil || total != large || time.Since(began) < stall {
					t.Errorf("%d bytes in %s, %v", total, time.Since(began), err)
				}
			})
		}
	})
}

// readSlowly reads an answer in sixteen parts, with a pause after each, and returns
// how many bytes it has.
func readSlowly(conn net.Conn, pause time.Duration) (total int, err error) {
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	part := make([]byte, large/16)
	for {
		n, err := io.ReadFull(response.Body, part)
		total += n
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		time.Sleep(pause) // the reader under test is slow; nothing waits for a condition
	}
}

// TestALateAnswerIsSent checks that the deadline applies to readers, not to
// handlers.
func TestALateAnswerIsSent(t *testing.T) {
	t.Parallel()
	address, _ := stalling(t, time.Second)
	response, err := http.Get("http://" + address + "/late")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "late" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestManyRangesAreOneFile(t *testing.T) {
	t.Parallel()
	server, _ := serving(t)
	for n, want := range map[int]int{1: http.StatusPartialContent, 2: http.StatusPartialContent, 16: http.StatusPartialContent, 17: http.StatusOK, 5000: http.StatusOK} {
		ranges := make([]string, n)
		for i := range ranges {
			ranges[i] = fmt.Sprintf("%d-%d", i%300*2, i%300*2)
		}
		w, body := do(t, server, http.MethodGet, "/", "Range", "bytes="+strings.Join(ranges, ","))
		if w.StatusCode != want || want == http.StatusOK && body != site["index.html"] {
			t.Errorf("%d ranges: %s, %d bytes", n, w.Status, len(body))
		}
	}
}

// TestManyWhoReadNothingCostNothingInTheEnd checks that stalled readers use no
// resources after a while.
func TestManyWhoReadNothingCostNothingInTheEnd(t *testing.T) {
	t.Parallel()
	address, closed := stalling(t, time.Second)
	const readers = 10
	for range readers {
		request(t, address, "/data/all.zip")
	}
	deadline := time.After(30 * time.Second)
	for i := range readers {
		select {
		case <-closed:
		case <-deadline:
			t.Fatalf("%d of %d connections are still held", readers-i, readers)
		}
	}
	if w, err := http.Get("http://" + address + "/"); err != nil || w.Body.Close() != nil || w.StatusCode != http.StatusOK {
		t.Errorf("a reader after them: %v", err)
	}
}
