package signup

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits on requests. Many people may share one IPv4 address: a whole campus
// may hear of the digest on one day.
const (
	requestsBurst = 20 // forms of a network, then one
	requestsEvery = 20 * time.Second
	guessesBurst  = 20 // wrong links of a network, then one
	guessesEvery  = 30 * time.Second

	mailsBurst = 30 // of the process, then one
	mailsEvery = 15 * time.Second

	shareBurst = 6 // of them to a network, then one
	shareEvery = time.Minute
	// maxDelay is how long a mail may wait for its network's turn, and then
	// again for the process's.
	maxDelay = 5 * time.Minute

	mailPause = 10 * time.Minute // between mails to one address
	mailsADay = 5                // to one address

	maxKnown = 10_000 // networks, and addresses
)

// limits prevent unsolicited mail and the guessing of links.
type limits struct {
	mu       sync.Mutex
	requests buckets
	guesses  buckets
	shares   buckets // of the mails
	mails    *rate.Limiter
	mailed   recent[string, []time.Time] // times by folded address; at most mailsADay
}

func newLimits() *limits {
	return &limits{
		requests: buckets{every: requestsEvery, burst: requestsBurst, by: recent[netip.Prefix, *rate.Limiter]{most: maxKnown}},
		guesses:  buckets{every: guessesEvery, burst: guessesBurst, by: recent[netip.Prefix, *rate.Limiter]{most: maxKnown}},
		shares:   buckets{every: shareEvery, burst: shareBurst, by: recent[netip.Prefix, *rate.Limiter]{most: maxKnown}},
		mails:    rate.NewLimiter(rate.Every(mailsEvery), mailsBurst),
		mailed:   recent[string, []time.Time]{most: maxKnown},
	}
}

// countRequest counts a form of a network. If it exceeds the limit, it returns
// how long to wait.
func (l *limits) countRequest(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests.takeToken(from, now)
}

// countGuess counts a forged link of a network. If it exceeds the limit, it
// returns how long to wait.
func (l *limits) countGuess(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.guesses.takeToken(from, now)
}

// A verdict is whether a mail may be sent.
type verdict string

const (
	may      verdict = "may"
	tooOften verdict = "too many to one address"
	tooMany  verdict = "too many to one network"
)

// countMail counts a mail to an address that a network requested, if it may be
// sent, and returns the delay before sending; with tooMany, the time until the
// next request. It stores an address only if a mail goes there, so filling the
// list of addresses costs mails, of which the process sends few. tooMany does
// not depend on the address, so that the answer does not reveal the requests of
// others.
func (l *limits) countMail(address string, from netip.Prefix, now time.Time) (time.Duration, verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	share := l.shares.limiterOf(from).ReserveN(now, 1)
	delay := share.DelayFrom(now)
	if delay > maxDelay {
		share.CancelAt(now)
		return delay - maxDelay, tooMany
	}
	address = foldAddress(address)
	before, _ := l.mailed.get(address)
	if n := len(before); n > 0 && now.Sub(before[n-1]) < mailPause || n == mailsADay && now.Sub(before[0]) < 24*time.Hour {
		share.CancelAt(now)
		return 0, tooOften
	}
	l.mailed.put(address, append(before[max(0, len(before)+1-mailsADay):len(before):len(before)], now.Add(delay)))
	return delay, may
}

// maySend reports whether the process may send another mail now, and counts it.
func (l *limits) maySend(now time.Time) bool { return l.mails.AllowN(now, 1) }

// foldAddress maps spellings that usually share a mailbox to one: with
// capitals, dots, or a tag after a plus. If they are different mailboxes, their
// owners wait for each other.
func foldAddress(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return strings.ToLower(address)
	}
	local, _, _ := strings.Cut(address[:at], "+")
	return strings.ToLower(strings.ReplaceAll(local, ".", "") + address[at:])
}

// Buckets hold tokens for each network.
type buckets struct {
	every time.Duration
	burst int
	by    recent[netip.Prefix, *rate.Limiter]
}

func (b *buckets) limiterOf(key netip.Prefix) *rate.Limiter {
	limiter, ok := b.by.get(key)
	if !ok {
		limiter = rate.NewLimiter(rate.Every(b.every), b.burst)
		b.by.put(key, limiter)
	}
	return limiter
}

// takeToken takes a token. If there is none, it returns the time until there is
// one.
func (b *buckets) takeToken(key netip.Prefix, now time.Time) (wait time.Duration) {
	r := b.limiterOf(key).ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
