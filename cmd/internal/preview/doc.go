// Package preview serves the website of a dataset from the files of a folder,
// committed or not, for its editors.
//
//	stamps     the state of the files in a folder, to detect changes
//	committed  the dataset of the last commit
//	draft      the dataset in the folder: findings, and an edition of it
//	Server     renders a page on request with the findings of its record, and
//	           makes browsers reload it after a change
//
// The preview shows what a worker would publish: a record with errors stays as
// in the last commit, or is omitted if it was never committed. The page of
// changes lists the differences from the last commit. Errors of a theme appear
// on the pages that they affect.
package preview
