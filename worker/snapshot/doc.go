// Package snapshot is the dataset at one commit: its files parsed with
// positions, put into published form, and indexed. A snapshot is brought from
// one commit to the next by reading only the files that differ.
package snapshot
