package signup

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits of what people, and programs that pass for people, may ask for. Many
// may sit behind one address of IPv4: a whole campus hears of the digest on one
// day.
const (
	requestsBurst = 20 // forms of one network, and then one
	requestsEvery = 20 * time.Second
	guessesBurst  = 20 // wrong links of one network, and then one
	guessesEvery  = 30 * time.Second

	mailsBurst = 30 // of the process, and then one
	mailsEvery = time.Minute

	mailPause = 10 * time.Minute // between two to one address
	mailsADay = 5                // to one address

	maxKnown = 10_000 // networks, and addresses
)

// Limits keep this process from sending mail that nobody asked for, and from
// telling whoever guesses.
type limits struct {
	mu       sync.Mutex
	requests buckets
	guesses  buckets
	mails    *rate.Limiter
	mailed   recent[string, []time.Time] // when, by address; no more than mailsADay
}

func newLimits() *limits {
	return &limits{
		requests: buckets{every: requestsEvery, burst: requestsBurst, by: recent[netip.Prefix, *rate.Limiter]{most: maxKnown}},
		guesses:  buckets{every: guessesEvery, burst: guessesBurst, by: recent[netip.Prefix, *rate.Limiter]{most: maxKnown}},
		mails:    rate.NewLimiter(rate.Every(mailsEvery), mailsBurst),
		mailed:   recent[string, []time.Time]{most: maxKnown},
	}
}

// request counts a form that a network sent; where that is one too many, it
// returns how long to wait.
func (l *limits) request(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests.take(from, now)
}

// guess counts a link that was not made here.
func (l *limits) guess(from netip.Prefix, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.guesses.take(from, now)
}

// guessed returns how long a network that followed many such links has to wait.
func (l *limits) guessed(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.guesses.look(from, now)
}

// A verdict says whether a mail may be sent.
type verdict string

const (
	may          verdict = "may"
	tooOften     verdict = "too many to one address"
	tooManyInAll verdict = "too many in an hour"
)

// mail counts a mail to an address, where it may be sent. An address is written
// down only once a mail goes there: who fills the list of addresses has to send
// mail for it, and the process as a whole sends few.
func (l *limits) mail(address string, now time.Time) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	address = strings.ToLower(address)
	before, _ := l.mailed.get(address)
	if n := len(before); n > 0 && now.Sub(before[n-1]) < mailPause || n == mailsADay && now.Sub(before[0]) < 24*time.Hour {
		return tooOften
	}
	if !l.mails.AllowN(now, 1) {
		return tooManyInAll
	}
	l.mailed.put(address, append(before[max(0, len(before)+1-mailsADay):len(before):len(before)], now))
	return may
}

// Buckets hold tokens for each network.
type buckets struct {
	every time.Duration
	burst int
	by    recent[netip.Prefix, *rate.Limiter]
}

func (b *buckets) take(key netip.Prefix, now time.Time) (wait time.Duration) {
	limiter, ok := b.by.get(key)
	if !ok {
		limiter = rate.NewLimiter(rate.Every(b.every), b.burst)
		b.by.put(key, limiter)
	}
	r := limiter.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// look returns how long it takes until there is a token, and takes none.
func (b *buckets) look(key netip.Prefix, now time.Time) (wait time.Duration) {
	limiter, ok := b.by.get(key)
	if !ok {
		return 0
	}
	lacking := 1 - limiter.TokensAt(now)
	return max(0, time.Duration(lacking*float64(b.every)))
}
