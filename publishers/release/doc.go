// Package release is a folder that changes all at once: write what differs,
// fsync, flip, read back.
//
//	<dir>/current            symbolic link to releases/<name>, what readers see
//	<dir>/releases/<name>/   the files of one release
//	<dir>/releases/<name>.index
//	                         their sizes and hashes; beside the release, so
//	                         that equal releases are equal byte for byte
//	<dir>/stages/<name>/     a release that is being written
//
// A reader that resolves current once and reads below what it resolved to
// sees one whole release, and goes on seeing it for as many flips as
// Dir.Keep says. A crash at any moment leaves the old release or the new one.
//
// A file that two releases share is one file with two links: it is written
// once and keeps its modification time.
package release
