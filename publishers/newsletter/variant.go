package newsletter

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"

	"netsync/publishers/newsletter/draft"
	"netsync/publishers/newsletter/mail"
	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/event"
)

// A variant is a digest for some subscribers. All with the same start and the
// same choices share one.
type variant struct {
	letter  letter // its links have the tokens of placeholderID
	isEmpty bool   // there are no changes
}

// A choice identifies a variant.
type choice struct {
	start    event.Seq // the changeset event after which it begins
	language string
	topics   string // sorted, separated by commas; "" is all
}

// maxVariants is the maximum number of cached variants.
const maxVariants = 256

// A variants composes the variants of one digest. It is safe for concurrent
// use.
type variants struct {
	newsletter    *Newsletter
	list          *subscribers.List
	digest        Sent
	main          content // for recipients without choices
	placeholderID string  // id of a subscriber whose links stand for those of others

	mu      sync.Mutex
	cache   map[choice]variant
	excerpt draft.Excerpt
}

func (n *Newsletter) newVariants(list *subscribers.List, s Sent, main content) *variants {
	main.Draft.Language = cmp.Or(main.Draft.Language, main.Language) // of an older version
	return &variants{newsletter: n, list: list, digest: s, main: main, placeholderID: list.ID(rand.Text()), cache: make(map[choice]variant)}
}

// choiceOf returns the choice of a subscriber. For a language that the dataset
// no longer has it uses the default one.
func (v *variants) choiceOf(s subscribers.Subscriber) choice {
	c := choice{start: v.digest.startFor(s), language: v.main.Draft.Language, topics: strings.Join(s.Topics, ",")}
	if slices.Contains(v.main.Draft.Languages, s.Language) {
		c.language = s.Language
	}
	return c
}

// isMain reports whether a choice equals the digest of recipients without
// choices.
func (v *variants) isMain(c choice) bool {
	return c == choice{start: v.digest.From, language: v.main.Draft.Language} && !v.digest.Monthly && v.main.Draft.Dataset != ""
}

// loadPeriods reads the periods of choices, once for all of them.
func (v *variants) loadPeriods(ctx context.Context, all []choice) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var begin []event.Seq
	for _, c := range all {
		if !v.isMain(c) && v.excerpt.Periods[c.start] == nil && !slices.Contains(begin, c.start) {
			begin = append(begin, c.start)
		}
	}
	if len(begin) == 0 {
		return nil
	}
	for start := range v.excerpt.Periods {
		begin = append(begin, start)
	}
	reader, err := v.newsletter.openReader(ctx)
	if err != nil {
		return err
	}
	h, err := v.newsletter.readHistory(ctx, v.list.Dataset())
	if err != nil {
		return err
	}
	v.excerpt, err = draft.ReadExcerpt(ctx, reader, v.digest.To, begin, h.base.adjustEntry)
	return err
}

// variantFor returns the variant of a choice.
func (v *variants) variantFor(ctx context.Context, c choice) (variant, error) {
	if err := v.loadPeriods(ctx, []choice{c}); err != nil {
		return variant{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if cached, ok := v.cache[c]; ok {
		return cached, nil
	}
	out, err := v.newVariant(v.composeDraft(c))
	if err != nil {
		return variant{}, err
	}
	if len(v.cache) >= maxVariants {
		clear(v.cache)
	}
	v.cache[c] = out
	return out, nil
}

// newVariant returns the variant of a draft.
func (v *variants) newVariant(d draft.Draft) (variant, error) {
	if d.Empty {
		return variant{isEmpty: true}, nil
	}
	prefer, leave := v.linkTokens(v.placeholderID)
	own := draft.Links{Preferences: v.newsletter.SelfURL + PreferencesPath + prefer, Unsubscribe: v.newsletter.SelfURL + UnsubscribePath + leave}
	composed, err := v.newsletter.composeFor(d, &own)
	if err != nil {
		return variant{}, err
	}
	s := v.digest
	s.Subject = d.Subject
	return variant{letter: letter{sender: v.newsletter.sender, Sent: s, content: composed, dataset: v.list.Dataset()}}, nil
}

// messageFor returns the message of a choice for a subscriber, with their
// links.
func (v *variants) messageFor(ctx context.Context, c choice, to subscribers.Subscriber) (mail.Message, error) {
	cached, err := v.variantFor(ctx, c)
	if err != nil {
		return mail.Message{}, err
	}
	anyPrefer, anyLeave := v.linkTokens(v.placeholderID)
	prefer, leave := v.linkTokens(to.ID)
	own := strings.NewReplacer(anyPrefer, prefer, anyLeave, leave)
	l := cached.letter
	l.HTML, l.Text = own.Replace(l.HTML), own.Replace(l.Text)
	l.unsubscribe = v.newsletter.SelfURL + UnsubscribePath + leave
	return l.messageTo(to.Address)
}

// linkTokens returns the tokens of a subscriber's links.
func (v *variants) linkTokens(id string) (prefer, leave string) {
	return v.list.Token(subscribers.Prefer, id), v.list.Token(subscribers.Unsubscribe, id)
}

// composeDraft returns the draft of a choice.
func (v *variants) composeDraft(c choice) draft.Draft {
	if v.isMain(c) {
		return v.main.Draft
	}
	var topics []string
	if c.topics != "" {
		topics = strings.Split(c.topics, ",")
	}
	notes := map[string]string{c.language: cmp.Or(v.main.Notes[c.language], v.main.Draft.Note)}
	return draft.NewComposer(v.excerpt.Edition, v.newsletter.BaseURL, c.language).Compose(v.excerpt.Periods[c.start].FilterTopics(topics), notes)
}
