// Package webhook tells other programs of changes by HTTP requests that are
// signed as Standard Webhooks has it (https://www.standardwebhooks.com, 1.0.0).
// A delivery that fails is made again with growing pauses, and one that is given
// up stays where it can be looked at and made once more.
package webhook
