// Package backup backs up what Git does not have: the dataset's stream, the
// subscribers with the secret of their links, the ledger of digests with their
// archive, and the positions of webhooks.
//
// An archive is one file: a tar stream, compressed by zstd and encrypted by age
// (https://age-encryption.org/v1). Its entries, in order:
//
//	netsync.json                   the format, dataset and time
//	streams/<name>/stream.json     the configuration and state of the stream
//	streams/<name>/<part>          its snapshot by the broker, in parts
//	manifest.json                  the contents, with SHA-256 of each snapshot
//
// An archive without a manifest is incomplete. A restore refuses an archive
// that does not match its manifest.
package backup
