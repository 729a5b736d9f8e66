// Package mail brings messages to a mail server: it encodes and signs them, and
// knows after each whether the server has it, has refused it, or may have it.
package mail
