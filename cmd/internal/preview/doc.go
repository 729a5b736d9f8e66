// Package preview shows the website of a dataset as its files lie in a folder,
// committed or not, to whoever edits them.
//
//	stamps     what lies in a folder, to see what changed
//	committed  the dataset as it was committed last
//	draft      the dataset as it lies there: findings, and an edition of it
//	Server     renders a page when it is asked for, with what was found in its
//	           record, and has browsers load it again when something changed
//
// What is shown is what a worker would publish: a record with errors stays as
// it was committed last, and waits where it never was. The page of changes
// tells what differs from the last commit. Mistakes in a theme stand on the
// page that they spoil.
package preview
