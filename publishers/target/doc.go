// Package target brings what the website shows to places outside this
// machine: a branch of a Git repository, a GitHub repository through its API,
// a bucket of S3-compatible storage.
//
//	Site     what is to be seen: the files of the website's current release
//	         and, beside them, those of the feed's
//	Target   a place: Shown, Push, Compare
//	Pusher   keeps one target at what the site is now
//
// Level, not edge: a Pusher compares what the site is with what the target
// holds, whenever the website flips and every few minutes besides, and brings
// the target there. The newest wins: what was overtaken meanwhile is never
// pushed. A target that fails is tried again with growing pauses and holds up
// neither the website here nor another target. Nothing is remembered on disk
// that matters: a process that was killed at any moment is made good by the
// next comparison.
//
// A target belongs to others, too. Which of its files are ours stands in the
// file netsync-index beside them; every other file below the target's path is
// kept, such as CNAME or a README. Where a file of somebody else has the name
// of one of ours and other content, the push is refused with a
// *ForeignError, and nothing changes. What somebody did to a file of ours is
// put right by the next push. Nobody's commit is ever overwritten: a branch
// moves only from the commit that was looked at (compare and swap, never by
// force), and where it has moved meanwhile, the site is put onto the new tip.
//
// The feed's files are taken before the website's. As a feed never goes ahead
// of the website here, it does not there. A push waits a few seconds for the
// feed to catch up, so that one changeset is one push.
//
// A target shows a changeset as a whole or not at all where it can (Git,
// GitHub: one commit). S3 changes object by object: pages and records first,
// then what leads to them, then channel.json, and last what is gone.
package target
