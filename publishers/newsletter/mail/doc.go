// Package mail sends messages to a mail server. It encodes and signs them, and
// reports for each whether the server accepted it, refused it, or may have it.
package mail
