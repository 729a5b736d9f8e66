package broker

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
	"golang.org/x/time/rate"
)

// serverLog passes the server's log to zap: its notices are our debug lines,
// its debug and trace lines are dropped. What it calls fatal ends the server,
// not this process: the first such line is kept for Start.
type serverLog struct {
	to      *zap.Logger
	clients *rate.Limiter // of lines about a client
	fatal   chan string   // room for one
	once    sync.Once
}

var _ server.Logger = (*serverLog)(nil)

func newServerLog(to *zap.Logger) *serverLog {
	if to == nil {
		to = zap.NewNop()
	}
	return &serverLog{to: to.Named("nats"), clients: rate.NewLimiter(rate.Every(clientLineEvery), maxClientLines), fatal: make(chan string, 1)}
}

// Lines about a client, which clients can cause in any number: so many at once,
// then one in each interval. The rest are dropped.
const (
	maxClientLines  = 20
	clientLineEvery = 10 * time.Second
)

// mayLog reports whether a line is to be logged.
func (l *serverLog) mayLog(line string) bool {
	return !strings.Contains(line, " - cid:") || l.clients.Allow()
}

func (l *serverLog) Noticef(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }
func (l *serverLog) Debugf(string, ...any)           {}
func (l *serverLog) Tracef(string, ...any)           {}

func (l *serverLog) Errorf(format string, v ...any) {
	if line := fmt.Sprintf(format, v...); l.mayLog(line) {
		l.to.Error(line)
	}
}

// Warnf leaves out the advice against passwords in plain text: ours is random,
// new at every start, and in no configuration file.
func (l *serverLog) Warnf(format string, v ...any) {
	if line := fmt.Sprintf(format, v...); !strings.HasPrefix(line, "Plaintext passwords detected") && l.mayLog(line) {
		l.to.Warn(line)
	}
}

// Fatalf must return: the server goes on to clean up after itself.
func (l *serverLog) Fatalf(format string, v ...any) {
	line := fmt.Sprintf(format, v...)
	l.to.Error(line, zap.Bool("fatal", true))
	l.once.Do(func() { l.fatal <- line })
}
