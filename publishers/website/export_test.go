package website

// Cramped cuts the site up as if there were very many records.
func (s *Site) Cramped() {
	s.press.limits = limits{whole: 3, oneIndex: 4, node: 3, some: 2, page: 2, overview: 1, section: 2, sitemap: 10}
}
