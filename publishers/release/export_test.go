package release

// Abridge makes small releases use the delta form, as large ones do.
func (d *Dir) Abridge() { d.useDelta = func(_, bytes int) bool { return bytes < 2000 } }
