// Package notify tells the service manager that started this process how it
// fares (sd_notify(3)). Without one, it does nothing.
package notify

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Send sends assignments, such as READY=1, in one datagram to the socket that
// NOTIFY_SOCKET names: a path, or an abstract address that begins with @. It
// does nothing where that is not set.
func Send(assignments ...string) error {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(strings.Join(assignments, "\n"))); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}

// Watchdog returns how long the service manager waits for a sign of life
// (sd_watchdog_enabled(3)); 0 where it does not.
func Watchdog() time.Duration {
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0 // meant for somebody else
	}
	usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || usec <= 0 {
		return 0
	}
	return time.Duration(usec) * time.Microsecond
}

// A State is how a process fares.
type State struct {
	Ready  bool
	Status string // one line
}

// pace is how often the state is looked at: twice within the watchdog's time
// at least.
const pace = 5 * time.Second

// Run tells the service manager once that the process is ready, and again and
// again that it is alive, which is to say that look returned; then, when ctx
// ends, that it is stopping. What cannot be told goes to warn: it is no reason
// for the process to end.
func Run(ctx context.Context, look func(context.Context) State, warn func(error)) {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return
	}
	every := pace
	if w := Watchdog(); w > 0 {
		every = min(every, w/2)
	}
	var told State
	for ctx.Err() == nil {
		if err := tell(&told, look(ctx)); err != nil {
			warn(err)
		}
		pause := every
		if !told.Ready { // a unit that is started waits for it
			pause = min(every, time.Second/4)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	if err := Send("STOPPING=1", "STATUS=Stopping."); err != nil {
		warn(err)
	}
}

// tell says what is new, and that the process is alive. What was not heard is
// told again.
func tell(told *State, now State) error {
	said := []string{"WATCHDOG=1"}
	if now.Ready && !told.Ready {
		said = append(said, "READY=1")
	}
	now.Ready = now.Ready || told.Ready // it is said once
	if now.Status != told.Status {
		said = append(said, "STATUS="+strings.ReplaceAll(now.Status, "\n", " "))
	}
	if err := Send(said...); err != nil {
		return err
	}
	*told = now
	return nil
}
