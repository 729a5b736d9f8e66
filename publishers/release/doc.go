// Package release publishes a folder of files atomically: it writes what
// changed, calls fsync, verifies, and then switches a symbolic link.
//
//	<dir>/current            symbolic link to releases/<name>, what readers see
//	<dir>/releases/<name>/   the files of one release
//	<dir>/releases/index.log the sizes and hashes of the files of all releases;
//	                         beside them, so that equal releases are equal
//	                         byte for byte
//	<dir>/stages/<name>/     a release that is being written
//	<dir>/spare/<name>/      an old release, which becomes the next one
//
// A reader that resolves current once and reads below the result sees one
// complete release, for as many flips as Dir.Keep says. A crash at any moment
// leaves the old release or the new one.
//
// Two releases share an unchanged file by hard links: it is written once and
// keeps its modification time.
package release
