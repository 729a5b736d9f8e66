package target

// CrashAt has the target's pushes end at a step with an error, as if the
// process had ended there. "" is none.
func (g *Git) CrashAt(step string, err error) { g.known.step = crashAt(step, err) }

// CrashAt is Git's.
func (g *GitHub) CrashAt(step string, err error) { g.known.step = crashAt(step, err) }

// CrashAt is Git's.
func (s *S3) CrashAt(step string, err error) { s.step = crashAt(step, err) }

func crashAt(at string, err error) func(string) error {
	return func(name string) error {
		if name == at {
			return err
		}
		return nil
	}
}
