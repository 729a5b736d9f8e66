package main

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"netsync/schema/event"
)

func TestAFollowerBeginsAfterACommitAndGoesOn(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	first := d.git("rev-parse", "HEAD")
	d.replace("networks/una-europa.yaml", "count: 11", "count: 12")
	d.commit("Welcome a twelfth member")
	d.waitFor("/data/networks/una-europa.json", `"count":12`)

	cmd := program("events", "--follow", "--json", "--since", "commit:"+first[:9], "--op", "updated", "-c", d.config())
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended, if all is well
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	next := func() event.Event {
		if !lines.Scan() {
			t.Fatalf("the follower ended: %v", lines.Err())
		}
		e, err := event.Decode(lines.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if e := next(); !strings.HasSuffix(e.ID, ":networks/una-europa") {
		t.Fatalf("the first event is %s", e.ID)
	}
	d.replace("networks/eua.yaml", "count: 47", "count: 48")
	d.commit("Count again")
	if e := next(); !strings.HasSuffix(e.ID, ":networks/eua") || e.Trace != event.TraceOf(e.ID) {
		t.Fatalf("the second event is %s, traced as %s", e.ID, e.Trace)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
}
