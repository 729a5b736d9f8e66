package ops

import (
	"slices"
	"strings"
)

// A Verdict is the status in one line.
type Verdict struct {
	Level Level
	Text  string
}

// Verdict returns the most important problem or, if there is none, what is in
// progress.
func (s Status) Verdict() Verdict {
	parts := s.Parts()
	for _, level := range []Level{Bad, Wait} {
		if troubles := listTroubles(parts, level); len(troubles) > 0 {
			text := strings.Join(troubles, "; ")
			return Verdict{level, strings.ToUpper(text[:1]) + text[1:] + "." + s.describeImpact(parts)}
		}
	}
	switch {
	case len(s.Channels) > 0:
		return Verdict{Good, "Every channel is current."}
	case s.Worker != nil:
		return Verdict{Good, "The worker is current."}
	}
	return Verdict{Good, "All is well."}
}

func listTroubles(parts []Part, level Level) []string {
	var clauses []string
	for _, p := range parts {
		if p.Level == level {
			clauses = append(clauses, p.Trouble)
		}
	}
	return clauses
}

// describeImpact describes what readers see meanwhile.
func (s Status) describeImpact(parts []Part) string {
	keeps := slices.ContainsFunc(parts, func(p Part) bool {
		return p.Level != Good && p.Name != "digest" && p.Name != "github" && p.Name != "backup" && !strings.HasPrefix(p.Name, "target ")
	})
	shown := slices.ContainsFunc(s.Channels, func(c Channel) bool { return c.Position.Sequence > 0 })
	if !keeps || !shown {
		return ""
	}
	if s.quarantineOnly(parts) {
		return " Everything else is live."
	}
	return " Readers go on seeing what was published before."
}

// quarantineOnly reports whether quarantined records are the only problem.
func (s Status) quarantineOnly(parts []Part) bool {
	return s.Worker != nil && len(s.Worker.Quarantined) > 0 && !slices.ContainsFunc(parts, func(p Part) bool {
		return p.Level == Bad || (p.Level == Wait && p.Name != "worker")
	})
}
