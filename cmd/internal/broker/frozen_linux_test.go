package broker_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sys/unix"

	"netsync/cmd/internal/broker"
)

// frozenEnv makes the test a process whose files cannot grow any more.
const frozenEnv = "BROKER_TEST_FROZEN"

// TestAFullDiskIsSeen: a disk that is full and a limit on the size of files are
// the same to the server, an error of a write. The limit needs no rights and
// holds for a process of its own.
func TestAFullDiskIsSeen(t *testing.T) {
	if dir := os.Getenv(frozenEnv); dir != "" {
		frozen(dir)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAFullDiskIsSeen$")
	cmd.Env = append(os.Environ(), frozenEnv+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	said := string(out)
	for _, want := range []string{"before: <nil>\n", "while full: JetStream stream 'NETSYNC > netsync-a' write error: ", "after more room: JetStream stream", "after a restart: <nil>\n", "messages: "} {
		if !strings.Contains(said, want) {
			t.Errorf("the process did not say %q:\n%s", want, said)
		}
	}
}

// frozen fills the disk beneath a broker, and prints what that says of itself.
func frozen(dir string) {
	b, js, closeAll := begin(dir)
	fmt.Println("before:", b.Writable())
	limit(256 << 10)
	for i := range 200 {
		if _, err := js.Publish(context.Background(), fmt.Sprintf("netsync.a.networks.n%d", i), make([]byte, 8<<10)); err != nil {
			fmt.Println("publish:", err)
			break
		}
	}
	fmt.Println("while full:", b.Writable())
	limit(unix.RLIM_INFINITY)
	_, err := js.Publish(context.Background(), "netsync.a.networks.m", nil)
	fmt.Println("publish:", err)
	fmt.Println("after more room:", b.Writable())
	closeAll()
	b, js, closeAll = begin(dir)
	defer closeAll()
	fmt.Println("after a restart:", b.Writable())
	ack, err := js.Publish(context.Background(), "netsync.a.networks.m", nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("messages:", ack.Sequence)
}

// begin starts a broker with a stream.
func begin(dir string) (*broker.Broker, jetstream.JetStream, func()) {
	b, err := broker.Start(context.Background(), config(dir))
	if err != nil {
		panic(err)
	}
	nc, err := b.Connect()
	if err != nil {
		panic(err)
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(2*time.Second))
	if err != nil {
		panic(err)
	}
	_, err = js.CreateOrUpdateStream(context.Background(), jetstream.StreamConfig{Name: "netsync-a", Subjects: []string{"netsync.a.>"}})
	if err != nil {
		panic(err)
	}
	return b, js, func() {
		nc.Close()
		_ = b.Close() // what could not be written is the point
	}
}

// limit bounds the size of the files that this process writes.
func limit(size uint64) {
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}); err != nil {
		panic(err)
	}
}
