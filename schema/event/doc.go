// Package event is what netsync tells the world: that a record changed, that
// a changeset is complete, and what is wrong with the dataset. Each is a
// CloudEvents 1.0 message in structured JSON mode. The package knows nothing
// of NATS, so that any program can import it cheaply.
package event
