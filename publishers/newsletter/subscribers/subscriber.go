// Package subscribers keeps who gets the digest by name, and how they want it,
// in a key-value bucket beside the dataset's stream.
//
// Addresses are in the bucket's values alone: keys, links and logs have an id,
// which nobody can compute who does not have the bucket's secret. Nobody is
// written down who has not confirmed; what a confirmation needs to know is in
// its link.
package subscribers

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"netsync/schema"
	"netsync/schema/event"
)

// A Frequency is how often somebody wants a digest.
type Frequency string

// Frequencies. The schedule says when there is a digest; weekly is the pace of
// the one that it has by default.
const (
	Weekly  Frequency = "weekly"  // every digest
	Monthly Frequency = "monthly" // the first of each month
)

// Frequencies are all of them.
func Frequencies() []Frequency { return []Frequency{Weekly, Monthly} }

// Preferences are what a subscriber chooses.
type Preferences struct {
	Language  string    `json:"language,omitempty"` // of the dataset; "" is its first
	Frequency Frequency `json:"frequency"`
	// Topics are terms of the dataset's vocabulary, sorted; none means
	// everything.
	Topics []string `json:"topics,omitempty"`
}

// Origins of a subscription.
const (
	ByForm   = "form"   // confirmed by mail
	ByImport = "import" // somebody vouched for it
)

// A Subscriber is somebody who gets the digest.
type Subscriber struct {
	ID      string `json:"-"` // the key; says nothing about the address
	Address string `json:"address"`
	Preferences
	Origin    string    `json:"origin"`
	Confirmed time.Time `json:"confirmed"` // or imported

	// Told is the changeset event up to which they have been told: by the last
	// digest or, before the first, because it had gone out when they came.
	Told event.Seq `json:"told"`
	// Base says in which stream Told counts; "" before the stream was ever made
	// again.
	Base string `json:"base,omitempty"`
	// Month is that of the last digest, as 2026-11: who wants it monthly gets
	// one in each.
	Month string `json:"month,omitempty"`
	// Last is what became of the last digest.
	Last *Delivery `json:"last,omitempty"`
	// Bounces are hard ones, none of them much later than the one before.
	Bounces int `json:"bounces,omitempty"`
	// Bounced is when the last of them came.
	Bounced time.Time `json:"bounced,omitzero"`
	// Suspended is since when they get nothing, because mail to them bounces.
	Suspended time.Time `json:"suspended,omitzero"`

	revision uint64 // that a change must name; 0 for one who was not read
}

// A Short is the beginning of an id, for who has to remember very many: eight bytes
// of a hash, which two of a million subscribers share once in thirty million lists.
type Short [8]byte

// Short returns the beginning of the subscriber's id.
func (s Subscriber) Short() (short Short) {
	_, _ = hex.Decode(short[:], []byte(s.ID[:min(len(s.ID), 2*len(short))])) // ids are hexadecimal
	return short
}

// A Delivery is what became of one message.
type Delivery struct {
	Digest string    `json:"digest"` // its key
	State  string    `json:"state"`
	Code   int       `json:"code,omitempty"` // of the server's answer (RFC 5321 §4.2)
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`     // who claimed it
	Number int       `json:"number,omitempty"` // of their claims
	Open   []int     `json:"open,omitempty"`   // their claims before it that were under way

	// What was true before, for a message that was surely not taken.
	Told  event.Seq `json:"told"`
	Base  string    `json:"base,omitempty"`
	Month string    `json:"month,omitempty"`
}

// Bounces that suspend. A mailbox that refuses mail now and then is one that
// works.
const (
	maxBounces  = 3
	bouncesLast = 90 * 24 * time.Hour
)

// Bounce takes in that mail to a subscriber was refused for good; it is true
// where that suspends them.
func (s *Subscriber) Bounce(now time.Time) (suspended bool) {
	if now.Sub(s.Bounced) > bouncesLast {
		s.Bounces = 0
	}
	s.Bounces++
	s.Bounced = now.UTC().Truncate(time.Second)
	if s.Bounces < maxBounces || !s.Suspended.IsZero() {
		return false
	}
	s.Suspended = s.Bounced
	return true
}

// Errors of an address or of a preference name what there is to choose from.
var (
	ErrAddress = errors.New("that is not a mail address; write name@example.org")
	// ErrUnknown says that there is nobody of that id or address.
	ErrUnknown = errors.New("there is no such subscriber")
)

// maxAddress is the most characters of an address (RFC 5321 §4.5.3.1.3).
const maxAddress = 254

// ParseAddress reads one bare address (RFC 5321 §4.1.2). The error does not
// quote it: addresses are nobody's business in a log.
func ParseAddress(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(a.Address) > maxAddress || strings.ContainsFunc(a.Address, isForbidden) {
		return "", ErrAddress
	}
	if at := strings.LastIndexByte(a.Address, '@'); at < 1 || at == len(a.Address)-1 {
		return "", ErrAddress
	}
	return a.Address, nil
}

// isForbidden is true of what would end an address in a dialogue or in a header,
// and of what nobody sees, such as marks of direction.
func isForbidden(r rune) bool {
	return r == ' ' || r == '<' || r == '>' || r == '"' || !unicode.IsPrint(r)
}

// An Offer is what a dataset has to choose from.
type Offer struct {
	Languages []string               // the first is the default
	Topics    map[string]schema.Text // labels by term
}

// Check makes preferences one of their spellings, or says which of them there
// is not.
func (o Offer) Check(p Preferences) (Preferences, error) {
	if p.Frequency == "" {
		p.Frequency = Weekly
	}
	if !slices.Contains(Frequencies(), p.Frequency) {
		return p, fmt.Errorf("there is no frequency %q; there are weekly and monthly", p.Frequency)
	}
	if p.Language != "" && !slices.Contains(o.Languages, p.Language) {
		return p, fmt.Errorf("there is no language %q; there are %s", p.Language, strings.Join(o.Languages, ", "))
	}
	p.Topics = slices.Compact(slices.Sorted(slices.Values(p.Topics)))
	for _, topic := range p.Topics {
		if _, ok := o.Topics[topic]; !ok {
			return p, fmt.Errorf("there is no topic %q; see vocabularies.topics in the dataset's manifest", topic)
		}
	}
	if len(p.Topics) == 0 {
		p.Topics = nil
	}
	return p, nil
}

// foldAddress makes one of the spellings of an address. Letter case may matter to a
// server (RFC 5321 §2.4), but one that has two people on it is not known.
func foldAddress(address string) string { return strings.ToLower(address) }
