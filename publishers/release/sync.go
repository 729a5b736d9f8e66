package release

const (
	// parallel is the maximum number of concurrent file operations.
	parallel = 8
	// syncAllAbove is the number of new files and folders above which syncing
	// the whole file system is faster than syncing each.
	syncAllAbove = 32
)
