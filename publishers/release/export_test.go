package release

// Abridge makes the indexes of small releases say how they depart from others,
// as those of large ones do.
func (d *Dir) Abridge() { d.abridge = func(_, bytes int) bool { return bytes < 2000 } }
