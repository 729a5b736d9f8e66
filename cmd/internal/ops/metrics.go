package ops

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"netsync/schema/event"
	"netsync/worker"
)

// Metrics count the events of a process. Gauges, such as a lag, are read from
// the status on each scrape.
type Metrics struct {
	registry   *prometheus.Registry
	passes     *prometheus.CounterVec
	passTime   prometheus.Histogram
	retries    *prometheus.CounterVec
	publish    prometheus.Histogram
	events     *prometheus.CounterVec
	changesets prometheus.Counter
	images     prometheus.Counter
	flipSync   *prometheus.HistogramVec
	digests    *prometheus.CounterVec
	messages   *prometheus.CounterVec
	invited    *prometheus.CounterVec
	backups    *prometheus.CounterVec
}

// Times of the disk and the network, and those of whole passes, in seconds.
var (
	fast = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	slow = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
)

// NewMetrics returns metrics that begin at 0.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		passes:     newCounterVec("worker_passes_total", "Passes of the worker, by outcome.", "outcome"),
		passTime:   newHistogram("worker_pass_duration_seconds", "How long a pass of the worker took.", slow),
		retries:    newCounterVec("worker_retries_total", "Times that a pass read the stream's tail back and began again, by cause.", "cause"),
		publish:    newHistogram("worker_publish_duration_seconds", "How long the broker took to store and acknowledge a changeset, or a part of a large one.", fast),
		events:     newCounterVec("events_published_total", "Events of records that the worker published, by operation.", "op"),
		changesets: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netsync", Name: "changesets_published_total", Help: "Changesets that the worker published."}),
		images:     prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netsync", Name: "images_stored_total", Help: "Images that the worker put beside the stream."}),
		flipSync: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "netsync", Name: "channel_sync_duration_seconds",
			Help: "How long a channel's release waited for the disk before readers saw it.", Buckets: fast,
		}, []string{"channel"}),
		digests:  newCounterVec("digests_total", "Digests that came to an end, and tries that failed, by outcome.", "outcome"),
		backups:  newCounterVec("backups_total", "Backups that were made, and tries that failed, by outcome.", "outcome"),
		messages: newCounterVec("digest_messages_total", "Messages of digests that were handed to the mail server, by what became of them for good.", "outcome"),
		invited:  newCounterVec("newsletter_invitations_total", "Requests to subscribe to the newsletter, by what became of the mail that confirms them.", "outcome"),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.passes, m.passTime, m.retries, m.publish, m.events, m.changesets, m.images, m.flipSync, m.digests, m.messages, m.invited, m.backups,
	)
	initCounters(m.passes, worker.Outcomes())
	initCounters(m.retries, worker.RetryCauses())
	initCounters(m.events, event.Ops())
	initCounters(m.digests, []DigestOutcome{DigestSent, DigestEmpty, DigestFailed})
	initCounters(m.backups, []BackupOutcome{BackupMade, BackupFailed})
	initCounters(m.messages, []MessageOutcome{MessageSent, MessageRefused, MessageUncertain})
	initCounters(m.invited, []InvitationOutcome{InvitationSent, InvitationPaused, InvitationRefused, InvitationFailed})
	return m
}

func newCounterVec(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "netsync", Name: name, Help: help}, []string{label})
}

func newHistogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "netsync", Name: name, Help: help, Buckets: buckets})
}

// initCounters creates counters with the value 0, so that the first increase is one.
func initCounters[T ~string](v *prometheus.CounterVec, labels []T) {
	for _, label := range labels {
		v.WithLabelValues(string(label))
	}
}

// Worker returns an observer that counts what a worker does.
func (m *Metrics) Worker() worker.Observer {
	return worker.Observer{
		Passed: func(o worker.Outcome, took time.Duration) {
			m.passes.WithLabelValues(string(o)).Inc()
			m.passTime.Observe(took.Seconds())
		},
		Retried: func(cause worker.RetryCause) { m.retries.WithLabelValues(string(cause)).Inc() },
		Appended: func(events []event.Event, took time.Duration) {
			m.publish.Observe(took.Seconds())
			for _, e := range events {
				switch {
				case e.Change != nil:
					m.events.WithLabelValues(string(e.Change.Op)).Inc()
				case e.Changeset != nil:
					m.changesets.Inc()
				}
			}
		},
		Stored: func(images int) { m.images.Add(float64(images)) },
	}
}

// Synced returns an observer of the flips of a channel's releases.
func (m *Metrics) Synced(channel string) func(took time.Duration) {
	h := m.flipSync.WithLabelValues(channel)
	return func(took time.Duration) { h.Observe(took.Seconds()) }
}

// A BackupOutcome is the result of a backup.
type BackupOutcome string

// The outcomes of a backup.
const (
	BackupMade   BackupOutcome = "made"
	BackupFailed BackupOutcome = "failed"
)

// Backup counts a backup.
func (m *Metrics) Backup(o BackupOutcome) { m.backups.WithLabelValues(string(o)).Inc() }

// A DigestOutcome is the result of a digest.
type DigestOutcome string

// The outcomes of a digest.
const (
	DigestSent   DigestOutcome = "sent"
	DigestEmpty  DigestOutcome = "empty" // no news
	DigestFailed DigestOutcome = "failed"
)

// Digest counts a digest.
func (m *Metrics) Digest(o DigestOutcome) { m.digests.WithLabelValues(string(o)).Inc() }

// A MessageOutcome is the result of one message of a digest.
type MessageOutcome string

// The outcomes of a message.
const (
	MessageSent      MessageOutcome = "sent"
	MessageRefused   MessageOutcome = "refused"   // by the mail server, for good
	MessageUncertain MessageOutcome = "uncertain" // its answer was lost
)

// Message counts a message of a digest.
func (m *Metrics) Message(o MessageOutcome) { m.messages.WithLabelValues(string(o)).Inc() }

// An InvitationOutcome is the result of a request to subscribe.
type InvitationOutcome string

// The outcomes of a request to subscribe.
const (
	InvitationSent    InvitationOutcome = "sent"
	InvitationPaused  InvitationOutcome = "paused"  // that address got a mail recently
	InvitationRefused InvitationOutcome = "refused" // too many requests; the page says so
	InvitationFailed  InvitationOutcome = "failed"  // the mail server did not accept it
)

// Invitation counts a request to subscribe.
func (m *Metrics) Invitation(o InvitationOutcome) { m.invited.WithLabelValues(string(o)).Inc() }

// newHandler returns a handler that serves the metrics and the status in the
// Prometheus exposition format.
func (m *Metrics) newHandler(status func(context.Context) Status) http.Handler {
	now := prometheus.NewRegistry()
	now.MustRegister(&collector{status})
	return promhttp.HandlerFor(prometheus.Gatherers{m.registry, now}, promhttp.HandlerOpts{})
}
