package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"netsync/cmd/internal/cli"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/porttest"
)

// startBrokerWith starts a nats-server in this process; port 0 is any.
func startBrokerWith(t *testing.T, o *server.Options, port int) (address string) {
	t.Helper()
	o.Host, o.Port, o.JetStream, o.StoreDir, o.NoSigs, o.NoLog = "127.0.0.1", port, true, t.TempDir(), true, true
	if port == 0 {
		o.Port = server.RANDOM_PORT
	}
	ns, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	if !ns.ReadyForConnections(patience) {
		t.Fatal("nats-server is not ready")
	}
	return ns.Addr().String()
}

// serverTLS asks every client for a certificate of the same authority.
func serverTLS(t *testing.T, a *authority) *tls.Config {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(a.issue("server"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.signed())
	return &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
}

// status runs netsync status with what a configuration says below nats.
func statusOf(t *testing.T, nats string) (stderr string, code int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "netsync.yaml")
	if err := os.WriteFile(path, []byte("nats: {"+nats+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program("status", "-c", path)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	_ = cmd.Run() // the exit code tells
	return errs.String(), cmd.ProcessState.ExitCode()
}

func TestLoggingInToABroker(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t), newAuthority(t)
	cert, key := a.issue("client")
	_, otherKey := a.issue("another")
	strangeCert, strangeKey := other.issue("stranger")
	seed, public := newSeed(t)
	strangeSeed, _ := newSeed(t)
	secure := startBrokerWith(t, &server.Options{TLSConfig: serverTLS(t, a), Nkeys: []*server.NkeyUser{{Nkey: public}}}, 0)
	_, port, _ := net.SplitHostPort(secure)
	open := startBrokerWith(t, &server.Options{}, 0)
	byJWT, creds := startOperated(t)
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	pair := fmt.Sprintf("cert: %s, key: %s", cert, key)
	full := fmt.Sprintf("url: 'tls://%s', ca: %s, %s", secure, a.file, pair)

	for _, tt := range []struct {
		name, nats string
		code       int
		want       string
	}{
		{"nkey and client certificate", full + ", nkey: " + seed, 0, ""},
		{"credentials file", "url: '" + byJWT + "', credentials: " + creds, 0, ""},
		{"nobody", full, 3, "Authorization Violation; set nats.credentials or nats.nkey"},
		{"unknown nkey", full + ", nkey: " + strangeSeed, 3, "set nats.nkey to what the broker knows"},
		{"no credentials", "url: '" + byJWT + "'", 3, "set nats.credentials or nats.nkey"},
		{"wrong kind of credentials", "url: '" + byJWT + "', nkey: " + seed, 3, "set nats.nkey"},
		{"no nkey file", "url: x, nkey: /nowhere", 2, "nats.nkey: cannot be read: /nowhere: no such file"},
		{"no seed", "url: x, nkey: " + junk, 2, "nats.nkey: holds no seed"},
		{"no credentials file", "url: x, credentials: /nowhere", 2, "nats.credentials: cannot be read"},
		{"no JWT", "url: x, credentials: " + junk, 2, "nats.credentials: is no credentials file"},
		{"a seed alone", "url: x, credentials: " + seed, 2, "nats.credentials: is no credentials file"},
		{"no authority's file", "url: x, ca: /nowhere", 2, "nats.ca: cannot be read"},
		{"no authority", "url: x, ca: " + junk, 2, "nats.ca: holds no certificate"},
		{"no certificate file", "url: x, cert: /nowhere, key: " + key, 2, "nats.cert: cannot be read"},
		{"no key file", "url: x, key: /nowhere, cert: " + cert, 2, "nats.key: cannot be read"},
		{"no pair", fmt.Sprintf("url: x, cert: %s, key: %s", cert, otherKey), 2, "nats.cert: and nats.key are no certificate"},
		{"system's authorities", fmt.Sprintf("url: 'tls://%s', %s", secure, pair), 3, "set nats.ca to"},
		{"wrong authority", fmt.Sprintf("url: 'tls://%s', ca: %s, %s", secure, other.file, pair), 3, "set nats.ca to"},
		{"wrong name", fmt.Sprintf("url: 'tls://localhost:%s', ca: %s, %s", port, a.file, pair), 3, "write a name in nats.url"},
		{"no client certificate", fmt.Sprintf("url: 'tls://%s', ca: %s, nkey: %s", secure, a.file, seed), 3, "set nats.cert and nats.key"},
		{"strange client certificate", fmt.Sprintf("url: 'tls://%s', ca: %s, cert: %s, key: %s", secure, a.file, strangeCert, strangeKey), 3, "set nats.cert and nats.key"},
		{"no TLS there", "url: 'tls://" + open + "'", 3, "the broker speaks no TLS"},
		{"nobody there", "url: 127.0.0.1:1", 3, "connect to the broker at 127.0.0.1:1: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stderr, code := statusOf(t, tt.nats)
			if code != tt.code || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit code %d, not %d with %q:\n%s", code, tt.code, tt.want, stderr)
			}
		})
	}
}

// startOperated starts a server that knows an operator's accounts, and returns
// its address and a user's credentials file.
func startOperated(t *testing.T) (address, creds string) {
	t.Helper()
	operator, account, user := newPair(t, nkeys.CreateOperator), newPair(t, nkeys.CreateAccount), newPair(t, nkeys.CreateUser)
	system := newPair(t, nkeys.CreateAccount)
	resolver := &server.MemAccResolver{}
	for _, pair := range []nkeys.KeyPair{account, system} {
		claims := jwt.NewAccountClaims(publicKey(t, pair))
		if pair == account { // the system's own account has no JetStream
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit}
		}
		if err := resolver.Store(claims.Subject, encode(t, claims, operator)); err != nil {
			t.Fatal(err)
		}
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(encode(t, jwt.NewUserClaims(publicKey(t, user)), account), seed)
	if err != nil {
		t.Fatal(err)
	}
	creds = filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(creds, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return startBrokerWith(t, &server.Options{
		TrustedOperators: []*jwt.OperatorClaims{jwt.NewOperatorClaims(publicKey(t, operator))},
		AccountResolver:  resolver,
		SystemAccount:    publicKey(t, system),
	}, 0), creds
}

func encode(t *testing.T, claims jwt.Claims, by nkeys.KeyPair) string {
	t.Helper()
	token, err := claims.Encode(by)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func newPair(t *testing.T, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func publicKey(t *testing.T, pair nkeys.KeyPair) string {
	t.Helper()
	key, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestRunWaitsForTheBroker(t *testing.T) {
	t.Parallel()
	address := porttest.Free(t)
	port, err := strconv.Atoi(porttest.Port(t, address))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sampleRepository(t, dir)
	path := filepath.Join(dir, "netsync.yaml")
	text := fmt.Sprintf("dataset: {repository: dataset}\nnats: {url: 'nats://%s'}\nhttp: {listen: '127.0.0.1:0'}\n", address)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	impatient := startRun(t, t.TempDir(), "-c", path)
	run := startRun(t, t.TempDir(), "-c", path)
	for _, p := range []*runningProcess{impatient, run} {
		streamtest.Eventually(t, "a word about the wait", func() bool { return strings.Contains(p.lines(), "waiting for the broker") })
	}
	if err := impatient.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-impatient.ended
	if code := impatient.cmd.ProcessState.ExitCode(); code != cli.ExitDone {
		t.Errorf("ended while it waited: exit code %d", code)
	}
	startBrokerWith(t, &server.Options{}, port)
	streamtest.Eventually(t, "the first import", func() bool { return strings.Contains(run.lines(), `"msg":"published"`) })
}
