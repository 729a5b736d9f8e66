// Package snapshot reads the dataset at one commit: its files parsed with
// positions, converted to the published form, and indexed. A snapshot is
// updated from one commit to another by reading only the changed files.
package snapshot
