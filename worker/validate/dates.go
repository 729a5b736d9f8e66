package validate

import (
	"fmt"

	"netsync/schema"
)

func (c *check) checkDate(s *schema.Shape, value any, at *schema.Path) {
	text, ok := dateText(value)
	if !ok {
		return // the schema says what is wrong
	}
	date, err := schema.ParseEDTF(text)
	if err != nil {
		c.addAt(invalidDate, at.String(), "%v", err)
		return
	}
	if s.Past && !c.ctx.AsOf.IsZero() && c.ctx.AsOf.Before(date.First) {
		c.addAt(futureDate, at.String(), "%s is %s, which lies ahead: today is %s", formatSubject(at.String()), text, c.ctx.AsOf)
	}
}

// HasFutureDate reports whether a finding is about a date in the future, which becomes valid in
// time.
func HasFutureDate(f schema.Finding) bool { return f.Rule == futureDate.Code }

func (c *check) checkOrder(since, until string) {
	from, ok1 := dateText(c.d.Lookup(since))
	to, ok2 := dateText(c.d.Lookup(until))
	if !ok1 || !ok2 {
		return
	}
	a, err1 := schema.ParseEDTF(from)
	b, err2 := schema.ParseEDTF(to)
	if err1 == nil && err2 == nil && !b.Last.IsZero() && b.Last.Before(a.First) {
		c.add(dateOrder, c.d.Locate(until), until, "", "%s is before %s", to, from)
	}
}

func dateText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case fmt.Stringer: // json.Number
		return v.String(), true
	}
	return "", false
}
