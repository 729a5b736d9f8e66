package porttest

import (
	"net"
	"runtime"
	"testing"
)

// TestAPortIsHeld asks for more ports than a machine has, and none that is
// held may be among them, but each can be listened on.
func TestAPortIsHeld(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("ports are held on Linux alone")
	}
	held := make(map[string]bool)
	for range 100 {
		address := Free(t)
		if held[address] {
			t.Fatalf("%s was given twice", address)
		}
		held[address] = true
	}
	for range 40_000 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if held[l.Addr().String()] {
			t.Errorf("the kernel gave %s, which is held", l.Addr())
		}
		_ = l.Close() // it has served
	}
	for address := range held {
		for range 2 { // and again after an end
			l, err := net.Listen("tcp", address)
			if err != nil {
				t.Fatalf("listen on a port that is held: %v", err)
			}
			_ = l.Close() // it has served
		}
	}
}
