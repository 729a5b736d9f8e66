package newsletter

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"

	"netsync/publishers/newsletter/mail"

	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/event"
)

// A variant is a digest as some subscribers get it. All who have been told the
// same, and chose the same, share one.
type variant struct {
	letter   letter // without its content, which is in the form
	template mail.Template
	isEmpty  bool // there is nothing to tell them
}

// A choiceOf tells variants apart.
type choice struct {
	told     event.Seq // the changeset event that it begins after
	language string
	topics   string // sorted, with commas between them; "" is all
}

// maxVariants is how many are kept. They are made anew where there are more.
const maxVariants = 256

// newVariants makes the variants of one digest. It may be used by several
// goroutines.
type variants struct {
	newsletter    *Newsletter
	list          *subscribers.List
	digest        Sent
	main          content // as those get it who have no choices
	placeholderID string  // the id of a subscriber whose links stand for those of others

	mu      sync.Mutex
	cache   map[choice]variant
	excerpt excerpt
}

func (n *Newsletter) newVariants(list *subscribers.List, s Sent, main content) *variants {
	main.Draft.Language = cmp.Or(main.Draft.Language, main.Language) // of an older netsync
	return &variants{newsletter: n, list: list, digest: s, main: main, placeholderID: list.ID(rand.Text()), cache: make(map[choice]variant)}
}

// choiceOf is what a subscriber gets. A language or topic that the dataset has no
// more is the default one, or one that nothing is on.
func (v *variants) choiceOf(s subscribers.Subscriber) choice {
	c := choice{told: v.digest.startFor(s), language: v.main.Draft.Language, topics: strings.Join(s.Topics, ",")}
	if slices.Contains(v.main.Draft.Languages, s.Language) {
		c.language = s.Language
	}
	return c
}

// isMain reports whether a choice says what those read who have none.
func (v *variants) isMain(c choice) bool {
	return c == choice{told: v.digest.From, language: v.main.Draft.Language} && !v.digest.Monthly && v.main.Draft.Dataset != ""
}

// loadPeriods reads what is needed for choices, once for all of them.
func (v *variants) loadPeriods(ctx context.Context, all []choice) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var begin []event.Seq
	for _, c := range all {
		if !v.isMain(c) && v.excerpt.periods[c.told] == nil && !slices.Contains(begin, c.told) {
			begin = append(begin, c.told)
		}
	}
	if len(begin) == 0 {
		return nil
	}
	for told := range v.excerpt.periods {
		begin = append(begin, told)
	}
	reader, err := v.newsletter.openReader(ctx)
	if err != nil {
		return err
	}
	h, err := v.newsletter.readHistory(ctx, v.list.Dataset())
	if err != nil {
		return err
	}
	v.excerpt, err = readExcerpt(ctx, reader, v.digest.To, begin, h.base)
	return err
}

// variantFor returns the variant of a choice.
func (v *variants) variantFor(ctx context.Context, c choice) (variant, error) {
	if err := v.loadPeriods(ctx, []choice{c}); err != nil {
		return variant{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if made, ok := v.cache[c]; ok {
		return made, nil
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

// newVariant makes the variant of a draft.
func (v *variants) newVariant(d draft) (out variant, err error) {
	if d.Empty {
		return variant{isEmpty: true}, nil
	}
	prefer, leave := v.linkTokens(v.placeholderID)
	own := links{v.newsletter.SelfURL + PreferencesPath + prefer, v.newsletter.SelfURL + UnsubscribePath + leave}
	says, err := v.newsletter.composeFor(d, &own)
	if err != nil {
		return variant{}, err
	}
	s := v.digest
	s.Subject = d.Subject
	l := letter{sender: v.newsletter.sender, Sent: s, content: says, dataset: v.list.Dataset()}
	out.template, err = l.newTemplate(prefer, leave)
	l.content = content{Language: says.Language}
	out.letter = l
	return out, err
}

// messageFor is a choice as a subscriber gets it: with links of their own.
func (v *variants) messageFor(ctx context.Context, c choice, room []byte, to subscribers.Subscriber) (mail.Message, error) {
	made, err := v.variantFor(ctx, c)
	if err != nil {
		return mail.Message{}, err
	}
	prefer, leave := v.linkTokens(to.ID)
	l := made.letter
	l.unsubscribe = v.newsletter.SelfURL + UnsubscribePath + leave
	return l.fillTemplate(made.template, room, to.Address, prefer, leave)
}

// linkTokens are what a subscriber's own links end with. All have the same length.
func (v *variants) linkTokens(id string) (prefer, leave string) {
	return v.list.Token(subscribers.Prefer, id), v.list.Token(subscribers.Unsubscribe, id)
}

// composeDraft tells what a choice asks for.
func (v *variants) composeDraft(c choice) draft {
	if v.isMain(c) {
		return v.main.Draft
	}
	var topics []string
	if c.topics != "" {
		topics = strings.Split(c.topics, ",")
	}
	n := note{Texts: map[string]string{c.language: cmp.Or(v.main.Notes[c.language], v.main.Draft.Note)}}
	return newComposer(v.excerpt.edition, v.newsletter.BaseURL, c.language).composeDraft(v.excerpt.periods[c.told].filterTopics(topics), n)
}

// links are a subscriber's own.
type links struct{ Preferences, Unsubscribe string }
