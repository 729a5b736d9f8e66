package website

// readTheme reads the theme. If it has errors, the site keeps its renderer.
func (s *Site) readTheme() error {
	r, err := newRenderer(s.config)
	if err != nil {
		return err
	}
	if s.renderer != nil {
		r.limits = s.renderer.limits
	}
	s.renderer, s.source, s.reloadTheme = r, nil, false
	return nil
}

// refreshTheme reads the theme again if it may have changed: after a failed
// build, or if the site is built from scratch.
func (s *Site) refreshTheme(fresh bool) error {
	if s.config.Theme == "" || (s.renderer != nil && !s.reloadTheme && !fresh) {
		return nil
	}
	return s.readTheme()
}

// Lasting reports that retrying does not help until the theme is corrected.
func (*ThemeError) Lasting() bool { return true }

// Lasting reports that retrying does not help until the theme is corrected.
func (ThemeErrors) Lasting() bool { return true }

// Lasting reports that retrying does not help, as the same edition makes the
// same site.
func (*GateError) Lasting() bool { return true }
