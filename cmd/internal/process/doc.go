// Package process is one netsync process on one broker: the connection, the worker
// and the channels that it runs, and what it serves.
//
// A command opens a [Session]. Each of its actions, such as [Session.Sync], asks the
// process that runs on the same broker to act and, if none runs, acts here.
package process
