package process

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"netsync/config"
)

// remoteOptions returns the options of a connection to nats.url. The error is a
// *config.Error if a file that the configuration names cannot be used.
func remoteOptions(cfg *config.Config) ([]nats.Option, error) {
	login, err := natsLogin(cfg)
	if err != nil {
		return nil, err
	}
	transport, err := natsTLS(cfg)
	if err != nil {
		return nil, err
	}
	return append(login, transport...), nil
}

// natsLogin reads the files with credentials once, so that an error names the key of
// the configuration; the client reads them again at every connection.
func natsLogin(cfg *config.Config) ([]nats.Option, error) {
	n := cfg.NATS
	switch {
	case n.Credentials != "":
		const remedy = "name the .creds file that was made for this process, by nsc or by the operator of the server"
		data, err := readFile(cfg, "nats.credentials", n.Credentials)
		if err != nil {
			return nil, err
		}
		if !isCredentials(data) {
			return nil, cfg.Wrong("nats.credentials", "is no credentials file: "+n.Credentials, remedy)
		}
		return []nats.Option{nats.UserCredentials(n.Credentials)}, nil
	case n.NKey != "":
		if _, err := readFile(cfg, "nats.nkey", n.NKey); err != nil {
			return nil, err
		}
		option, err := nats.NkeyOptionFromSeed(n.NKey)
		if err != nil {
			return nil, cfg.Wrong("nats.nkey", "holds no seed of a user's nkey: "+n.NKey, "name the file with the line that begins with SU")
		}
		return []nats.Option{option}, nil
	}
	return nil, nil
}

// isCredentials reports whether a file holds a user's JWT and the seed to it.
func isCredentials(data []byte) bool {
	token, err := nkeys.ParseDecoratedJWT(data)
	if err != nil || strings.Count(token, ".") != 2 { // without a token it returns the whole file
		return false
	}
	_, err = nkeys.ParseDecoratedUserNKey(data)
	return err == nil
}

// natsTLS reads certificates at every connection, so that they can be renewed under a
// running process.
func natsTLS(cfg *config.Config) ([]nats.Option, error) {
	var cert nats.TLSCertHandler
	var authorities nats.RootCAsHandler
	if cfg.NATS.Cert != "" {
		cert = func() (tls.Certificate, error) { return clientCertificate(cfg) }
	}
	if cfg.NATS.CA != "" {
		authorities = func() (*x509.CertPool, error) { return certPool(cfg) }
	}
	if cert == nil && authorities == nil {
		return nil, nil
	}
	return []nats.Option{nats.ClientTLSConfig(cert, authorities)}, nil
}

func clientCertificate(cfg *config.Config) (tls.Certificate, error) {
	cert, err := readFile(cfg, "nats.cert", cfg.NATS.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readFile(cfg, "nats.key", cfg.NATS.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return pair, cfg.Wrong("nats.cert", fmt.Sprintf("and nats.key are no certificate with its key: %v", err), "name PEM files of one pair")
	}
	return pair, nil
}

func certPool(cfg *config.Config) (*x509.CertPool, error) {
	data, err := readFile(cfg, "nats.ca", cfg.NATS.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, cfg.Wrong("nats.ca", "holds no certificate: "+cfg.NATS.CA, "name a PEM file with the certificate of the authority")
	}
	return pool, nil
}

func readFile(cfg *config.Config, key, path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err == nil {
		return data, nil
	}
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrong.Err
	}
	return nil, cfg.Wrong(key, fmt.Sprintf("cannot be read: %s: %v", path, err), "name a file that this process may read")
}
