package website

// UseTinyLimits splits the site as if it had very many records.
func (s *Site) UseTinyLimits() {
	s.renderer.limits = limits{dataFile: 3, indexFile: 4, indexPrefix: 3, prefixSample: 2, listPage: 2, overview: 1, section: 2, sitemap: 10}
}
