package process

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"netsync/config"
)

// Limits of a connection to a broker elsewhere. A peer that vanishes without closing
// the connection is noticed after at most three pings.
const (
	dialLimit    = 5 * time.Second
	pingEvery    = 4 * time.Second
	pingsMissed  = 2
	reconnectGap = time.Second
)

// reconnectOptions make a connection reconnect for ever, also after refused
// credentials, which may be corrected later, and log each change of its state.
func reconnectOptions(log *zap.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("netsync"), nats.Timeout(dialLimit),
		nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(), nats.ReconnectWait(reconnectGap),
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(pingsMissed),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil at the end
				log.Warn("the broker is out of reach", zap.Error(err))
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			log.Info("the broker is back", zap.String("nats", nc.ConnectedUrlRedacted()))
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Error("the broker refuses", zap.Error(err))
		}),
	}
}

// dialBroker connects once. The error of a refusal says what to do.
func dialBroker(cfg *config.Config, log *zap.Logger, url string, options []nats.Option) (*nats.Conn, error) {
	nc, err := nats.Connect(url, append(options, reconnectOptions(log)...)...)
	if err == nil {
		return nc, nil
	}
	if wrong, ok := errors.AsType[*config.Error](err); ok {
		return nil, wrong // a file went bad after it was looked at
	}
	return nil, &connectError{config.URL(url).String(), err, remedyFor(cfg, err)}
}

// A connectError says why there is no connection, and what to do if trying again does
// not help.
type connectError struct {
	url    string
	err    error
	remedy string
}

func (e *connectError) Error() string {
	text := fmt.Sprintf("connect to the broker at %s: %v", e.url, e.err)
	if e.remedy != "" {
		text += "; " + e.remedy
	}
	return text
}

func (e *connectError) Unwrap() error { return e.err }

// remedyFor names the key that a refusal is about; "" if the broker may only be down.
func remedyFor(cfg *config.Config, err error) string {
	for _, refused := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired} {
		if errors.Is(err, refused) {
			return "set " + loginKey(cfg) + " to what the broker knows this process by"
		}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "set nats.ca to the certificate of the authority that signed the broker's"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "write a name in nats.url that the broker's certificate is for, and look whether it is still valid"
	}
	switch text := err.Error(); {
	case strings.Contains(text, "tls: certificate required"), strings.Contains(text, "tls: bad certificate"),
		strings.Contains(text, "tls: unknown certificate"), strings.Contains(text, "closed by remote after TLS handshake"), strings.Contains(text, "tls: expired certificate"):
		return "set nats.cert and nats.key to a certificate that the broker trusts"
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "the broker speaks no TLS: write nats:// in nats.url and leave out nats.ca and nats.cert"
	}
	return ""
}

func loginKey(cfg *config.Config) string {
	switch {
	case cfg.NATS.Credentials != "":
		return "nats.credentials"
	case cfg.NATS.NKey != "":
		return "nats.nkey"
	}
	return "nats.credentials or nats.nkey"
}

// dialPatiently connects, and tries again while the broker is out of reach: a machine
// may start before its broker does. It gives up when the broker refuses, and when ctx
// ends.
func dialPatiently(ctx context.Context, cfg *config.Config, log *zap.Logger, url string, options []nats.Option) (*nats.Conn, error) {
	for {
		nc, err := dialBroker(cfg, log, url, options)
		if err == nil {
			return nc, nil
		}
		if refused, ok := errors.AsType[*connectError](err); !ok || refused.remedy != "" {
			return nil, err
		}
		log.Warn("waiting for the broker", zap.Error(err), zap.Duration("retry_in", retryDial))
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(retryDial):
		}
	}
}

const retryDial = 2 * time.Second
