// Package backup keeps copies of what Git cannot bring back: the dataset's stream,
// the subscribers with the secret of their links, the ledger of digests with their
// archive, and how far webhooks have been told.
//
// An archive is one file: a tar stream, compressed by zstd and encrypted by age
// (https://age-encryption.org/v1). Its entries, in their order:
//
//	netsync.json                   the format, dataset and time, to tell what it is
//	streams/<name>/stream.json     how the stream was set up, and its state
//	streams/<name>/<part>          its snapshot as the broker made it, in parts
//	manifest.json                  what is in the archive, with SHA-256 of each snapshot
//
// An archive without its manifest is not complete, and none is restored from that
// does not agree with it.
package backup
