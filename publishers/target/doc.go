// Package target publishes the website outside this machine: to a branch of a Git
// repository, to a GitHub repository through its API, or to a bucket of S3-compatible
// storage.
//
//	Site     the files of the website's current release, and of the feed's
//	Target   a destination: Shown, Push, Compare
//	Pusher   keeps one target up to date with the site
//
// A Pusher compares the site with the target whenever the website flips, and every few
// minutes, and pushes the differences. It pushes only the newest site. It retries a target
// that fails after growing pauses, and delays neither the website nor other targets. It
// needs nothing on disk: after a kill at any moment, the next comparison completes the
// push.
//
// A target may have files of others. The file netsync-index lists ours, and every other
// file below the target's path remains, such as CNAME or a README. If a file of others has
// the name of one of ours and other content, the push fails with a *ForeignError and
// changes nothing. A push restores our files that others changed. It never overwrites a
// commit: a branch moves only from the commit that was read (compare and swap, never by
// force); if it moved meanwhile, the site is committed on the new tip.
//
// A site reads the feed's files before the website's, so that the feed is not ahead of the
// website at a target either. A push waits a few seconds for the feed, so that one
// changeset is one push.
//
// Git and GitHub show a changeset whole or not at all, by one commit. S3 changes object by
// object: first pages and records, then pages that link to them, then channel.json, and
// last the removals.
package target
