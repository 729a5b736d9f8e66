// Package ops serves the channels over HTTP, and for operators the health,
// readiness, metrics and status of a running netsync.
package ops

import (
	"time"

	"netsync/publishers"
	"netsync/publishers/target"
	"netsync/schema/event"
	"netsync/worker"
	"netsync/worker/github"
)

// A Status is the state of every part of a process.
type Status struct {
	Time    time.Time      `json:"time"` // when it was gathered
	Process Process        `json:"process"`
	Dataset string         `json:"dataset,omitempty"`
	Stream  Stream         `json:"stream"`
	Worker  *worker.Status `json:"worker,omitempty"` // nil if the worker runs elsewhere
	// Standby is why the worker here does not publish although it could:
	// another one does. It is empty if this one is active.
	Standby  string    `json:"standby,omitempty"`
	Channels []Channel `json:"channels"`
	// Targets are the places to which the website is pushed.
	Targets []Target `json:"targets,omitempty"`
	Digest  *Digest  `json:"digest,omitempty"` // nil if this process sends none
	// Subscribers counts the newsletter's subscribers; nil if this process has
	// no newsletter, or has not counted them yet.
	Subscribers *Subscribers `json:"subscribers,omitempty"`
	// Webhooks are the endpoints that this process notifies of changes.
	Webhooks []Webhook `json:"webhooks,omitempty"`
	// Backup is what became of the last backup; nil where this process makes none.
	Backup *Backup `json:"backup,omitempty"`
	Next   []Due   `json:"next"`
	GitHub *GitHub `json:"github,omitempty"` // nil if this process does not use GitHub
}

// GitHub is the state of webhooks from and reports to GitHub.
type GitHub struct {
	Deliveries map[github.Outcome]uint64 `json:"deliveries,omitempty"` // nil without a webhook
	Reporter   *github.ReporterStatus    `json:"reporter,omitempty"`   // nil without reports
}

// A Process is one running netsync.
type Process struct {
	Version   string    `json:"version"`
	PID       int       `json:"pid"`
	Host      string    `json:"host,omitempty"`
	Roles     []string  `json:"roles"`
	Started   time.Time `json:"started"`
	Broker    string    `json:"broker"`    // the address of the broker
	Connected bool      `json:"connected"` // to the broker
	// Website is the address of the website that this process publishes, and
	// Admin that of the operators' pages; "" if none.
	Website string `json:"website,omitempty"`
	Admin   string `json:"admin,omitempty"`
}

// A Stream is the tail of the dataset's stream.
type Stream struct {
	Last      event.Seq      `json:"last"`
	Changeset event.Position `json:"changeset"`
	// Completed is when the last changeset was published.
	Completed time.Time `json:"completed,omitzero"`
	// Findings are the last announced findings, or nil.
	Findings *event.Findings `json:"findings,omitempty"`
	// Restored is set if the stream was restored from a backup.
	Restored *Restored `json:"restored,omitempty"`
	// Error is why the stream cannot be read.
	Error string `json:"error,omitempty"`
	// Unwritable is why the broker refuses new messages: as reported by the one
	// in this process, or as seen by the worker.
	Unwritable string `json:"unwritable,omitempty"`
	// SetAside are messages that are not events of the dataset; nil if this
	// process has read none.
	SetAside *SetAside `json:"set_aside,omitempty"`
}

// SetAside describes messages of the stream that have no effect, because they
// are not events of the dataset. Anyone allowed to publish there can cause
// them.
type SetAside struct {
	Count int `json:"count"` // since the process started, in what it read
	// The last one: its place, its subject and why it is not an event.
	Last    event.Seq `json:"last"`
	Subject string    `json:"subject"`
	Reason  string    `json:"reason"`
}

// Restored describes when a stream was restored, and what it shares with the
// one before.
type Restored struct {
	At       time.Time `json:"at"`
	Previous string    `json:"previous_epoch"`
	Shared   event.Seq `json:"shared_sequence"` // the last message that both have
}

// A Channel is the position of a channel, and how far it is behind.
type Channel struct {
	publishers.Status
	// Lag is the number of messages between the channel's position and the last
	// changeset.
	Lag event.Seq `json:"lag"`
	// LagSeconds is the age of the oldest changeset that the channel does not
	// show; 0 if there is none.
	LagSeconds float64 `json:"lag_seconds"`
}

// Behind returns LagSeconds as a duration.
func (c Channel) Behind() time.Duration { return time.Duration(c.LagSeconds * float64(time.Second)) }

// A Target is the position of a target of the website, and how far it is
// behind.
type Target struct {
	target.Status
	Lag        event.Seq `json:"lag"`         // as a channel's
	LagSeconds float64   `json:"lag_seconds"` // as a channel's
}

// A Digest is the state of the newsletter's digests in this process.
type Digest struct {
	Done    time.Time `json:"done,omitzero"` // the last that ended well, be it empty
	Error   string    `json:"error,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
	Waits   string    `json:"waits,omitempty"` // the id of a digest that waits for approval
	Waiting time.Time `json:"waiting_since,omitzero"`
	// Sending is the progress of a digest being sent, or nil.
	Sending *Sending `json:"sending,omitempty"`
	// Last is the result of the last digest that was not empty; nil before the
	// first.
	Last *Mailing `json:"last,omitempty"`
}

// A Sending is the progress of a digest: the recipients that are done, of all.
type Sending struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// A Mailing counts the messages of a digest by result.
type Mailing struct {
	Done      time.Time `json:"done"`
	Sent      int       `json:"sent"`
	Refused   int       `json:"refused"`   // by the mail server, for good
	Uncertain int       `json:"uncertain"` // its answer was lost
	// Campaign is the id of the listmonk campaign of the digest, if any, and
	// Sent the number of messages that it had sent by then.
	Campaign   int `json:"campaign,omitempty"`
	Recipients int `json:"recipients,omitempty"` // of the campaign
}

// Subscribers are the numbers of subscribers.
type Subscribers struct {
	Counted   time.Time `json:"counted"`
	Active    int       `json:"active"`
	Suspended int       `json:"suspended"` // mail to them bounced too often
}

// A Webhook is the state of an endpoint, whichever process notifies it.
type Webhook struct {
	Name      string    `json:"name"`
	Delivered uint64    `json:"delivered"`
	Waiting   int       `json:"waiting"`
	GivenUp   int       `json:"given_up"`
	Last      time.Time `json:"last,omitzero"`     // when it last accepted a delivery
	Gone      time.Time `json:"gone,omitzero"`     // when it reported to be gone for good
	Problem   string    `json:"problem,omitempty"` // of a pending delivery
	Error     string    `json:"error,omitempty"`   // why the state is unknown
}

// A Backup is the result of the last backup.
type Backup struct {
	To      string    `json:"to"`
	Done    time.Time `json:"done,omitzero"` // when the last successful one began
	Bytes   int64     `json:"bytes,omitempty"`
	Error   string    `json:"error,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
}

// A Due is a scheduled job and when it runs next.
type Due struct {
	Job  string    `json:"job"`
	Next time.Time `json:"next"`
}

// Findings returns the current findings of the dataset: those of the worker of
// this process or, if it runs elsewhere, the announced ones.
func (s Status) Findings() []event.Finding {
	switch {
	case s.Worker != nil && !s.Worker.Checked.IsZero():
		return s.Worker.Findings
	case s.Stream.Findings != nil:
		return s.Stream.Findings.Findings
	}
	return nil
}

// Lag returns how far a position is behind a stream.
func (s Stream) Lag(p event.Position) event.Seq {
	if p.Sequence >= s.Changeset.Sequence {
		return 0
	}
	return s.Changeset.Sequence - p.Sequence
}
