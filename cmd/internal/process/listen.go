package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"netsync/config"
)

// Listeners are the two HTTP addresses of a process: for everyone, and for operators.
type Listeners struct{ Public, Admin net.Listener }

// openListeners listens at the addresses of a configuration.
func openListeners(cfg *config.Config) (Listeners, error) {
	public, err := net.Listen("tcp", cfg.HTTP.Listen)
	if err != nil {
		return Listeners{}, fmt.Errorf("listen for HTTP: %w; set http.listen to another address", err)
	}
	admin, err := ListenAdmin(cfg)
	if err != nil {
		return Listeners{}, errors.Join(err, public.Close())
	}
	return Listeners{public, admin}, nil
}

func (l Listeners) close() {
	l.Public.Close()
	l.Admin.Close()
}

// nextPorts is how many ports behind the default one are tried.
const nextPorts = 100

// ListenAdmin listens for operators. If http.admin_listen is not set and its port
// is taken, it takes the next free one.
func ListenAdmin(cfg *config.Config) (net.Listener, error) {
	address := cfg.HTTP.AdminListen
	listener, err := ListenAt(address)
	if err == nil || cfg.Origin("http.admin_listen").Source != config.FromDefault {
		return listener, wrapAdmin(err)
	}
	host, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text) // the default is a number
	for next := range nextPorts {
		if listener, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+1+next))); err == nil {
			return listener, nil
		}
	}
	listener, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	return listener, wrapAdmin(err)
}

func wrapAdmin(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("listen for operators: %w; set http.admin_listen to another address", err)
}

// ListenAt listens on host:port, or on the socket behind unix:.
func ListenAt(address string) (net.Listener, error) {
	path, isSocket := strings.CutPrefix(address, config.SocketPrefix)
	if !isSocket {
		return net.Listen("tcp", address)
	}
	if err := removeDeadSocket(path); err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o660); err != nil { // whatever the umask is
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// socketLimit is how long a process behind a socket has to take a connection.
const socketLimit = time.Second

// removeDeadSocket removes a socket that a killed process left behind. It leaves a
// socket on which a process answers, and any other file.
func removeDeadSocket(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return nil // net.Listen says what is wrong
	}
	ctx, cancel := context.WithTimeout(context.Background(), socketLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(fmt.Errorf("another process listens on %s", path), conn.Close())
	}
	return os.Remove(path)
}

// AdminAddress returns the address at which operators reach a listener.
func AdminAddress(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return config.SocketPrefix + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}
