// Package event defines the events of netsync: a record changed, a changeset is
// complete, and the findings of the dataset. Each is a CloudEvents 1.0 message
// in structured JSON mode. The package does not depend on NATS, so that any
// program can import it.
package event
