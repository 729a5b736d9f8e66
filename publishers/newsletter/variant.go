package newsletter

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"

	"netsync/publishers/newsletter/subscribers"
	"netsync/schema/event"
)

// A variant is a digest as some subscribers get it. All who have been told the
// same, and chose the same, share one.
type variant struct {
	content
	empty bool // there is nothing to tell them
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
	digest     Sent
	main       content // as those get it who have no choices
	links      links   // that stand for those of a subscriber

	mu      sync.Mutex
	made    map[choice]variant
	excerpt excerpt
}

func (n *Newsletter) variants(s Sent, main content) *variants {
	main.Draft.Language = cmp.Or(main.Draft.Language, main.Language) // of an older netsync
	return &variants{
		newsletter: n, digest: s, main: main, made: make(map[choice]variant),
		links: links{Preferences: n.SelfURL + PreferencesPath + rand.Text(), Unsubscribe: n.SelfURL + UnsubscribePath + rand.Text()},
	}
}

// choice is what a subscriber gets. A language or topic that the dataset has no
// more is the default one, or one that nothing is on.
func (v *variants) choice(s subscribers.Subscriber) choice {
	c := choice{told: s.Told, language: v.main.Draft.Language, topics: strings.Join(s.Topics, ",")}
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
	v.excerpt, err = excerptOf(ctx, reader, v.digest.To, begin)
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
	d := v.draft(c)
	out := variant{empty: d.Empty}
	if !d.Empty {
		var err error
		if out.content, err = v.newsletter.composeFor(d, &v.links); err != nil {
			return variant{}, err
		}
	}
	if len(v.made) >= maxVariants {
		clear(v.made)
	}
	v.made[c] = out
	return out, nil
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

// personal puts a subscriber's links in the place of those that stand for them.
func (v *variants) personal(c content, own links) content {
	personal := func(text string) string {
		return strings.ReplaceAll(strings.ReplaceAll(text, v.links.Preferences, own.Preferences), v.links.Unsubscribe, own.Unsubscribe)
	}
	c.HTML, c.Text = personal(c.HTML), personal(c.Text)
	return c
}
