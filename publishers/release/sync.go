package release

const (
	// parallel bounds the file operations that run at once.
	parallel = 8
	// syncAllAbove is how many new files and folders make one sync of the
	// whole file system cheaper than one for each.
	syncAllAbove = 32
)
