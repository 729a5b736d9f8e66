package release

// RewriteOften makes small logs be rewritten as large ones are.
func (d *Dir) RewriteOften() { d.log.slack = 3 }
