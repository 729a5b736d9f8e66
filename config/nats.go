package config

import "fmt"

// checkNATS reports keys of the broker that are wrong together.
func (c *Config) checkNATS(report func(key, problem, remedy string)) {
	n := c.NATS
	if n.Replicas > 1 && n.URL == "" {
		report("nats.replicas", fmt.Sprintf("is %d, and the embedded server is alone", n.Replicas), "set nats.url to a cluster, or leave nats.replicas at 1")
	}
	if n.URL == "" && n.Listen != "" && !IsLoopbackListen(n.Listen) {
		report("nats.listen", "is not an address of this machine alone, and whoever reaches the embedded server may read it without a password",
			"keep 127.0.0.1:4222; for other machines run a NATS server with config/deploy/nats/roles.conf, and set nats.url")
	}
	if n.Credentials != "" && n.NKey != "" {
		report("nats.nkey", "is set, and nats.credentials as well", "keep the one that the server knows this process by")
	}
	const together = "set both, the certificate and its private key, or neither"
	if n.Cert != "" && n.Key == "" {
		report("nats.cert", "is set, and nats.key is not", together)
	}
	if n.Key != "" && n.Cert == "" {
		report("nats.key", "is set, and nats.cert is not", together)
	}
}
