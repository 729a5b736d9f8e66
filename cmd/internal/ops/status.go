// Package ops is what operators see of a running netsync over HTTP: health,
// readiness, metrics and the status page, beside the channels themselves.
package ops

import (
	"time"

	"netsync/publishers"
	"netsync/publishers/target"
	"netsync/schema/event"
	"netsync/worker"
	"netsync/worker/github"
)

// A Status is what every part of a process last did.
type Status struct {
	Time    time.Time      `json:"time"` // when it was gathered
	Process Process        `json:"process"`
	Dataset string         `json:"dataset,omitempty"`
	Stream  Stream         `json:"stream"`
	Worker  *worker.Status `json:"worker,omitempty"` // nil where the worker runs elsewhere
	// Standby says why the worker here does not publish, although it could:
	// another one does. Empty where it is the active one.
	Standby  string    `json:"standby,omitempty"`
	Channels []Channel `json:"channels"`
	// Targets are the places that the website is pushed to.
	Targets []Target `json:"targets,omitempty"`
	Digest  *Digest  `json:"digest,omitempty"` // nil where this process sends none
	// Subscribers are those to the newsletter of this process; nil where it has
	// none, or has not counted them yet.
	Subscribers *Subscribers `json:"subscribers,omitempty"`
	// Webhooks are the endpoints that this process tells of changes.
	Webhooks []Webhook `json:"webhooks,omitempty"`
	// Backup is what became of the last backup; nil where this process makes none.
	Backup *Backup `json:"backup,omitempty"`
	Next   []Due   `json:"next"`
	GitHub *GitHub `json:"github,omitempty"` // nil where this process has nothing to do with it
}

// GitHub is what came from GitHub and what was said there.
type GitHub struct {
	Deliveries map[github.Outcome]uint64 `json:"deliveries,omitempty"` // nil without a webhook
	Reporter   *github.ReporterStatus    `json:"reporter,omitempty"`   // nil where nothing is reported
}

// A Process is one running netsync.
type Process struct {
	Version   string    `json:"version"`
	PID       int       `json:"pid"`
	Host      string    `json:"host,omitempty"`
	Roles     []string  `json:"roles"`
	Started   time.Time `json:"started"`
	Broker    string    `json:"broker"`    // where the stream is: an address
	Connected bool      `json:"connected"` // to the broker
	// Website is the address of the website that this process publishes; Admin
	// where operators look. "" where there is none.
	Website string `json:"website,omitempty"`
	Admin   string `json:"admin,omitempty"`
}

// A Stream is the tail of the dataset's stream.
type Stream struct {
	Last      event.Seq      `json:"last"`
	Changeset event.Position `json:"changeset"`
	// Completed is when the last changeset was published.
	Completed time.Time `json:"completed,omitzero"`
	// Findings are those that were announced last; nil where none were.
	Findings *event.Findings `json:"findings,omitempty"`
	// Restored says that the stream was restored from a backup; nil where it was
	// not.
	Restored *Restored `json:"restored,omitempty"`
	// Error is why the stream cannot be read.
	Error string `json:"error,omitempty"`
	// Unwritable is why the broker does not take new messages: as the one in
	// this process says itself, or as the worker has seen.
	Unwritable string `json:"unwritable,omitempty"`
	// SetAside are messages that are not events of the dataset; nil if this
	// process has read none.
	SetAside *SetAside `json:"set_aside,omitempty"`
}

// SetAside are messages of the stream that change nothing, because they are not
// events of the dataset. Anyone whom the broker lets publish there causes them.
type SetAside struct {
	Count int `json:"count"` // since the process started, as far as it read
	// The last one: its place, its subject and why it is not an event.
	Last    event.Seq `json:"last"`
	Subject string    `json:"subject"`
	Reason  string    `json:"reason"`
}

// Restored says when a stream was restored, and what it has in common with the
// one before.
type Restored struct {
	At       time.Time `json:"at"`
	Previous string    `json:"previous_epoch"`
	Shared   event.Seq `json:"shared_sequence"` // the last message that both have
}

// A Channel is what a channel shows, and how far it is behind.
type Channel struct {
	publishers.Status
	// Lag is the number of messages between what the channel shows and the
	// last changeset.
	Lag event.Seq `json:"lag"`
	// LagSeconds is the age of the oldest changeset that the channel does
	// not show; 0 where it shows all.
	LagSeconds float64 `json:"lag_seconds"`
}

// Behind is LagSeconds as a duration.
func (c Channel) Behind() time.Duration { return time.Duration(c.LagSeconds * float64(time.Second)) }

// A Target is what a target of the website shows, and how far it is behind.
type Target struct {
	target.Status
	Lag        event.Seq `json:"lag"`         // as a channel's
	LagSeconds float64   `json:"lag_seconds"` // as a channel's
}

// A Digest is what became of the newsletter's digests in this process.
type Digest struct {
	Done    time.Time `json:"done,omitzero"` // the last that ended well, be it empty
	Error   string    `json:"error,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
	Waits   string    `json:"waits,omitempty"` // the id of a digest that waits for approval
	Waiting time.Time `json:"waiting_since,omitzero"`
	// Sending is how far one is that is being sent; nil where none is.
	Sending *Sending `json:"sending,omitempty"`
	// Last is what became of the last that was not empty; nil before the
	// first.
	Last *Mailing `json:"last,omitempty"`
}

// A Sending is how many recipients of a digest need nothing more.
type Sending struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// A Mailing is what became of the messages of a digest.
type Mailing struct {
	Done      time.Time `json:"done"`
	Sent      int       `json:"sent"`
	Refused   int       `json:"refused"`   // by the mail server, for good
	Uncertain int       `json:"uncertain"` // its answer was lost
	// Campaign is the id of the one in listmonk that the digest was handed over
	// as, where one was, and Sent how many messages it had sent by then.
	Campaign   int `json:"campaign,omitempty"`
	Recipients int `json:"recipients,omitempty"` // of the campaign
}

// Subscribers are how many there are.
type Subscribers struct {
	Counted   time.Time `json:"counted"`
	Active    int       `json:"active"`
	Suspended int       `json:"suspended"` // mail to them came back too often
}

// A Webhook is how far an endpoint has been told, by whatever process.
type Webhook struct {
	Name      string    `json:"name"`
	Delivered uint64    `json:"delivered"`
	Waiting   int       `json:"waiting"`
	GivenUp   int       `json:"given_up"`
	Last      time.Time `json:"last,omitzero"`     // when a delivery was taken
	Gone      time.Time `json:"gone,omitzero"`     // when it said that it is gone for good
	Problem   string    `json:"problem,omitempty"` // of a delivery that waits
	Error     string    `json:"error,omitempty"`   // why nothing is known
}

// A Backup is what became of the last backup.
type Backup struct {
	To      string    `json:"to"`
	Done    time.Time `json:"done,omitzero"` // when the last that ended well began
	Bytes   int64     `json:"bytes,omitempty"`
	Error   string    `json:"error,omitempty"`
	Failing time.Time `json:"failing_since,omitzero"`
}

// A Due is a scheduled job and when it runs next.
type Due struct {
	Job  string    `json:"job"`
	Next time.Time `json:"next"`
}

// Findings returns what is wrong with the dataset: what the worker of this
// process found last or, where it runs elsewhere, what it announced.
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
