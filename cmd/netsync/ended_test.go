package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"netsync/cmd/internal/cli"
)

// A command that waits for a process does not wait for one that was killed.
func TestACommandEndsWithTheProcessThatItAsks(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // a mail server that never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	v := newVictim(t, rand.New(rand.NewPCG(1, 2)))
	config, err := os.ReadFile(v.config())
	if err == nil {
		config = fmt.Appendf(config, "newsletter: {from: a@example.org, recipients: [b@example.org], smtp: %q}\n", silent.Addr())
		err = os.WriteFile(v.config(), config, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	v.start()
	v.settle()
	var out strings.Builder
	cmd := program("digest", "send", "-c", v.config())
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { // ends with the command
		defer close(ended)
		_ = cmd.Wait()
	}()
	if err := silent.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	conn, err := silent.Accept() // the process is sending
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	v.kill()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		<-ended
		t.Fatal("the command waits for a process that is gone")
	}
	if cmd.ProcessState.ExitCode() != cli.ExitOutside || !strings.Contains(out.String(), "ended before it answered") {
		t.Errorf("exit code %d: %s", cmd.ProcessState.ExitCode(), &out)
	}
}
