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
	mailsEvery = 15 * time.Second

	shareBurst = 6 // of them for one network, and then one
	shareEvery = time.Minute
	// maxDelay is how long a mail may wait for its network's turn, and then, once
	// more, for the process's.
	maxDelay = 5 * time.Minute

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
	shares   buckets // of the mails
	mails    *rate.Limiter
	mailed   recent[string, []time.Time] // when, by folded address; no more than mailsADay
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

// countRequest counts a form of a network; if that is one too many, it returns how long
// to wait.
func (l *limits) countRequest(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests.takeToken(from, now)
}

// countGuess counts a forged link; if a network sent one too many, it returns how long
// to wait.
func (l *limits) countGuess(from netip.Prefix, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.guesses.takeToken(from, now)
}

// A verdict says whether a mail may be sent.
type verdict string

const (
	may      verdict = "may"
	tooOften verdict = "too many to one address"
	tooMany  verdict = "too many to one network"
)

// countMail counts a mail to an address that a network asked for, if it may be sent, and
// returns after which delay; with tooMany, after which another may be asked for. An
// address is written down only once a mail goes there: who fills the list of
// addresses has to send mail for it, and the process as a whole sends few. Whether a
// network has had its share does not depend on the address: an answer tells nobody
// whom others asked for.
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

// foldAddress makes one of the spellings of an address that usually have one mailbox: with
// capitals, with dots, and with a tag behind a plus. Where they have several, their
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

// takeToken takes a token; if there is none, it returns the time until there is one.
func (b *buckets) takeToken(key netip.Prefix, now time.Time) (wait time.Duration) {
	r := b.limiterOf(key).ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
