package website

// readTheme reads the theme as it is now. One with mistakes leaves what the
// site goes by as it was.
func (s *Site) readTheme() error {
	press, err := newPress(s.config)
	if err != nil {
		return err
	}
	if s.press != nil {
		press.limits = s.press.limits
	}
	s.press, s.shown, s.again = press, nil, false
	return nil
}

// freshTheme reads the theme where there is reason to think that it is another
// one now: the site is built from its beginning, or did not come about.
func (s *Site) freshTheme(afresh bool) error {
	if s.config.Theme == "" || (s.press != nil && !s.again && !afresh) {
		return nil
	}
	return s.readTheme()
}

// Lasting says that trying again does not help until somebody has mended the
// theme.
func (*ThemeError) Lasting() bool { return true }

// Lasting says that trying again does not help until somebody has mended the
// theme.
func (ThemeErrors) Lasting() bool { return true }

// Lasting says that the same edition makes the same site.
func (*GateError) Lasting() bool { return true }
