package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
)

// A lab is a network of its own on this machine: namespaces as machines, each
// on a cable to one of two switches. The test itself is on the first.
type lab struct {
	t        *testing.T
	id       int
	machines []string
}

// The switches of a lab: machines that are on different ones do not hear of
// each other, nor do those that are on none.
const (
	together = "a"
	apart    = "b"
	nowhere  = ""
)

// newLab makes a network, for a test that needs "netns".
func newLab(t *testing.T, machines ...string) *lab {
	t.Helper()
	npmtest.Need(t, "netns")
	l := &lab{t: t, id: os.Getpid(), machines: machines}
	t.Cleanup(l.remove)
	if err := l.try("netns", "add", l.machine("test")); err != nil {
		t.Fatalf("network namespaces need root, Linux and iproute2: %v", err)
	}
	for _, s := range []string{together, apart} {
		l.ip("link", "add", l.bridge(s), "type", "bridge")
		l.ip("link", "set", l.bridge(s), "up")
	}
	l.ip("address", "add", l.address(254)+"/24", "dev", l.bridge(together))
	for i, m := range machines {
		l.plug(m, l.address(i+1))
	}
	if len(machines) > 1 && !l.forwards(machines[0], machines[1]) {
		t.Fatal("a firewall drops what this machine forwards between network namespaces, as that of a Docker engine does: stop it for this test")
	}
	return l
}

// forwards reports whether packets get from one machine to another: a port on
// which nothing listens refuses a connection, and a firewall drops it.
func (l *lab) forwards(from, to string) bool {
	const discard = "9" // the port of a service that no machine has
	for range 5 {
		ctx, cancel := context.WithTimeout(l.t.Context(), 2*time.Second)
		command := append(l.way(from), "bash", "-c", "exec 3<>/dev/tcp/"+l.hostOf(to)+"/"+discard)
		out, _ := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput() // it never connects
		cancel()
		if strings.Contains(string(out), "refused") {
			return true
		}
	}
	return false
}

func (l *lab) machine(name string) string  { return fmt.Sprintf("netsync-%d-%s", l.id, name) }
func (l *lab) bridge(letter string) string { return fmt.Sprintf("nsb%d%s", l.id, letter) }
func (l *lab) cable(machine string) string { return fmt.Sprintf("nsv%d%s", l.id, machine) }
func (l *lab) way(machine string) []string {
	return []string{"ip", "netns", "exec", l.machine(machine)}
}
func (l *lab) address(host int) string      { return fmt.Sprintf("10.213.%d.%d", l.id%250, host) }
func (l *lab) hostOf(machine string) string { return l.address(slices.Index(l.machines, machine) + 1) }

// plug makes a machine with an address.
func (l *lab) plug(machine, address string) {
	l.t.Helper()
	space := l.machine(machine)
	l.ip("netns", "add", space)
	l.ip("link", "add", l.cable(machine), "type", "veth", "peer", "name", "eth0", "netns", space)
	l.ip("link", "set", l.cable(machine), "up")
	l.ip("-n", space, "address", "add", address+"/24", "dev", "eth0")
	l.ip("-n", space, "link", "set", "eth0", "up")
	l.ip("-n", space, "link", "set", "lo", "up")
	l.move(machine, together)
}

// move puts a machine's cable into a switch, or into none. Nobody is told:
// packets get lost from then on.
func (l *lab) move(machine, to string) {
	l.t.Helper()
	if to == nowhere {
		l.ip("link", "set", l.cable(machine), "nomaster")
		return
	}
	l.ip("link", "set", l.cable(machine), "master", l.bridge(to))
}

// heal puts every machine on the first switch.
func (l *lab) heal() {
	l.t.Helper()
	for _, m := range l.machines {
		l.move(m, together)
	}
}

func (l *lab) ip(args ...string) {
	l.t.Helper()
	if err := l.try(args...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) try(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// remove takes the network away; what was never made is no failure.
func (l *lab) remove() {
	for _, m := range append(l.machines, "test") {
		_ = l.try("netns", "delete", l.machine(m))
		_ = l.try("link", "delete", l.cable(m))
	}
	for _, s := range []string{together, apart} {
		_ = l.try("link", "delete", l.bridge(s))
	}
}
