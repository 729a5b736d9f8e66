package operate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"netsync/cmd/internal/process"
)

// verifyTargets compares our files at every target with the website here.
func verifyTargets(ctx context.Context, s *process.Session, v *verification) error {
	t, err := s.NewTargets(nil)
	if err != nil || len(t.Pushers) == 0 {
		return err
	}
	site, err := t.ReadSite(ctx, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the website's own part says so
	}
	if err != nil {
		return err
	}
	for _, p := range t.Pushers {
		found, err := p.Target.Compare(ctx, site)
		if err != nil {
			return fmt.Errorf("verify the target %s: %w", p.Target.Name(), err)
		}
		r := part{Name: "target " + p.Target.Name(), OK: len(found) == 0, Note: p.Target.Address()}
		for _, d := range found {
			r.Differences = append(r.Differences, d.String())
		}
		v.add(r)
	}
	return nil
}
