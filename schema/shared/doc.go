// Package shared has small tools that several halves of netsync need and that are
// no part of the contract: each is here because two copies of it disagreed.
package shared
