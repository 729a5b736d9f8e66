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
	letter letter // without its content, which is in the form
	form   mail.Template
	empty  bool // there is nothing to tell them
}

// A choice tells variants apart.
type choice struct {
	told     event.Seq // the changeset event that it begins after
	language string
	topics   string // sorted, with commas between them; "" is all
}

// maxVariants is how many are kept. They are made anew where there are more.
const maxVariants = 256

// variants makes the variants of one digest. It may be used by several
// goroutines.
type variants struct {
	newsletter *Newsletter
	list       *subscribers.List
	digest     Sent
	main       content // as those get it who have no choices
	nobody     string  // the id of a subscriber whose links stand for those of others

	mu      sync.Mutex
	made    map[choice]variant
	excerpt excerpt
}

func (n *Newsletter) variants(list *subscribers.List, s Sent, main content) *variants {
	main.Draft.Language = cmp.Or(main.Draft.Language, main.Language) // of an older netsync
	return &variants{newsletter: n, list: list, digest: s, main: main, nobody: list.ID(rand.Text()), made: make(map[choice]variant)}
}

// choice is what a subscriber gets. A language or topic that the dataset has no
// more is the default one, or one that nothing is on.
func (v *variants) choice(s subscribers.Subscriber) choice {
	c := choice{told: v.digest.told(s), language: v.main.Draft.Language, topics: strings.Join(s.Topics, ",")}
	if slices.Contains(v.main.Draft.Languages, s.Language) {
		c.language = s.Language
	}
	return c
}

// isMain reports whether a choice says what those read who have none.
func (v *variants) isMain(c choice) bool {
	return c == choice{told: v.digest.From, language: v.main.Draft.Language} && !v.digest.Monthly && v.main.Draft.Dataset != ""
}

// prepare reads what is needed for choices, once for all of them.
func (v *variants) prepare(ctx context.Context, all []choice) error {
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
	reader, err := v.newsletter.reader(ctx)
	if err != nil {
		return err
	}
	h, err := v.newsletter.history(ctx, v.list.Dataset())
	if err != nil {
		return err
	}
	v.excerpt, err = excerptOf(ctx, reader, v.digest.To, begin, h.base)
	return err
}

// of returns the variant of a choice.
func (v *variants) of(ctx context.Context, c choice) (variant, error) {
	if err := v.prepare(ctx, []choice{c}); err != nil {
		return variant{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if made, ok := v.made[c]; ok {
		return made, nil
	}
	out, err := v.make(v.draft(c))
	if err != nil {
		return variant{}, err
	}
	if len(v.made) >= maxVariants {
		clear(v.made)
	}
	v.made[c] = out
	return out, nil
}

// make makes the variant of a draft.
func (v *variants) make(d draft) (out variant, err error) {
	if d.Empty {
		return variant{empty: true}, nil
	}
	prefer, leave := v.tokens(v.nobody)
	own := links{v.newsletter.SelfURL + PreferencesPath + prefer, v.newsletter.SelfURL + UnsubscribePath + leave}
	says, err := v.newsletter.composeFor(d, &own)
	if err != nil {
		return variant{}, err
	}
	s := v.digest
	s.Subject = d.Subject
	l := letter{sender: v.newsletter.sender, Sent: s, content: says, dataset: v.list.Dataset()}
	out.form, err = l.form(prefer, leave)
	l.content = content{Language: says.Language}
	out.letter = l
	return out, err
}

// message is a choice as a subscriber gets it: with links of their own.
func (v *variants) message(ctx context.Context, c choice, room []byte, to subscribers.Subscriber) (mail.Message, error) {
	made, err := v.of(ctx, c)
	if err != nil {
		return mail.Message{}, err
	}
	prefer, leave := v.tokens(to.ID)
	l := made.letter
	l.unsubscribe = v.newsletter.SelfURL + UnsubscribePath + leave
	return l.fill(made.form, room, to.Address, prefer, leave)
}

// tokens are what a subscriber's own links end with. All have the same length.
func (v *variants) tokens(id string) (prefer, leave string) {
	return v.list.Token(subscribers.Prefer, id), v.list.Token(subscribers.Unsubscribe, id)
}

// draft tells what a choice asks for.
func (v *variants) draft(c choice) draft {
	if v.isMain(c) {
		return v.main.Draft
	}
	var topics []string
	if c.topics != "" {
		topics = strings.Split(c.topics, ",")
	}
	n := note{Texts: map[string]string{c.language: cmp.Or(v.main.Notes[c.language], v.main.Draft.Note)}}
	return newTeller(v.excerpt.edition, v.newsletter.BaseURL, c.language).draft(v.excerpt.periods[c.told].on(topics), n)
}

// links are a subscriber's own.
type links struct{ Preferences, Unsubscribe string }
