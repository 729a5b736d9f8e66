package config_test

import (
	"fmt"
	"testing"

	"netsync/config"
)

func TestWhereOperatorsLook(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"":                                     "127.0.0.1:8090",
		"http: {admin_listen: '[::1]:9'}\n":    "[::1]:9",
		"http: {admin_listen: localhost:9}\n":  "localhost:9",
		"http: {admin_listen: unix:/run/x}\n":  "unix:/run/x",
		"http: {admin_listen: unix:run/x.s}\n": "unix:/etc/netsync/run/x.s",
		"http: {admin_listen: 127.3.2.1:80}\n": "127.3.2.1:80",
		"http: {admin_listen: 0.0.0.0:80, admin_token: 0123456789abcdef}\n": "0.0.0.0:80",
	} {
		c, err := config.Parse("/etc/netsync/netsync.yaml", []byte(yaml), nil)
		if err != nil {
			t.Errorf("%q: %v", yaml, err)
		} else if c.HTTP.AdminListen != want {
			t.Errorf("%q: admin_listen is %q, want %q", yaml, c.HTTP.AdminListen, want)
		}
	}
}

func TestProxiesThatAreTrusted(t *testing.T) {
	t.Parallel()
	for environ, want := range map[string]string{
		"":                                   "[127.0.0.0/8 ::1/128]",
		"10.0.0.7, 2001:db8::7,192.0.2.9/24": "[10.0.0.7/32 2001:db8::7/128 192.0.2.0/24]",
		"loopback,private":                   "[127.0.0.0/8 ::1/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7]",
		"::ffff:10.0.0.7":                    "[10.0.0.7/32]",
	} {
		c, err := config.Parse("", nil, []string{"NETSYNC_HTTP_TRUSTED_PROXIES=" + environ})
		if err != nil {
			t.Errorf("%q: %v", environ, err)
		} else if got := fmt.Sprint(c.HTTP.Proxies()); got != want {
			t.Errorf("%q: %s, want %s", environ, got, want)
		}
	}
	c, err := config.Parse("n.yaml", []byte("http: {trusted_proxies: []}\n"), nil)
	if err != nil || len(c.HTTP.Proxies()) != 0 {
		t.Errorf("no proxies: %v, %v", c.HTTP.Proxies(), err)
	}
}

// TestTheEmbeddedBrokerIsForThisMachine says which addresses of it are taken.
func TestTheEmbeddedBrokerIsForThisMachine(t *testing.T) {
	t.Parallel()
	for _, yaml := range []string{
		"nats: {listen: ''}\n", "nats: {listen: '127.0.0.1:0'}\n", "nats: {listen: '[::1]:4222'}\n", "nats: {listen: 'localhost:4222'}\n",
		"nats: {url: 'nats://nats:4222', listen: '0.0.0.0:4222'}\n", // it does not run
	} {
		if _, err := config.Parse("n.yaml", []byte(yaml), nil); err != nil {
			t.Errorf("%q: %v", yaml, err)
		}
	}
}
