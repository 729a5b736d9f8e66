package ops

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/worker"
)

var (
	buildInfo         = desc("build_info", "1, with the version of the program.", "version")
	ready             = desc("ready", "1 while /readyz says that the process can do its work.")
	brokerConnected   = desc("broker_connected", "1 while the process is connected to the broker.")
	streamReadable    = desc("stream_readable", "1 while the dataset's stream can be read.")
	streamWritable    = desc("stream_writable", "0 while the broker takes no new messages, as the one in this process says itself or the worker has seen.")
	streamSetAside    = desc("stream_set_aside_messages_total", "Messages in the stream that are not events of the dataset, as far as the process has read it since it started.")
	streamLast        = desc("stream_last_sequence", "Sequence number of the last message in the dataset's stream.")
	streamChangeset   = desc("stream_changeset_sequence", "Sequence number of the last changeset event.")
	streamCompleted   = desc("stream_changeset_timestamp_seconds", "When the last changeset was published.")
	workerChecked     = desc("worker_last_success_timestamp_seconds", "When the worker's last pass ended well; absent before the first.")
	workerAge         = desc("worker_last_success_age_seconds", "How long ago the worker's last pass ended well; counted from the start of the process before the first.")
	workerFailing     = desc("worker_failing", "1 while the worker's passes fail.")
	workerHeld        = desc("worker_held", "1 while a commit is held back because of findings.")
	workerQuarantined = desc("worker_quarantined_records", "Records that keep their last good version because of findings.")
	workerStandby     = desc("worker_standby", "1 while another process's worker publishes and this one is ready to take over.")
	findings          = desc("findings", "Findings of the dataset, by severity.", "severity")
	channelSequence   = desc("channel_sequence", "Sequence number of the changeset event that a channel shows.", "channel")
	channelLag        = desc("channel_lag_messages", "Messages between what a channel shows and the last changeset.", "channel")
	channelLagSeconds = desc("channel_lag_seconds", "Age of the oldest changeset that a channel does not show; 0 where it shows all.", "channel")
	channelFailing    = desc("channel_failing", "1 while a channel cannot be published.", "channel")
	channelHeld       = desc("channel_held", "1 while somebody holds a channel at an older changeset.", "channel")
	channelChanged    = desc("channel_last_published_timestamp_seconds", "When this process last changed a channel; absent before it does.", "channel")
	targetSequence    = desc("target_sequence", "Sequence number of the changeset event that a target of the website shows; absent while that is not known.", "target")
	targetLag         = desc("target_lag_messages", "Messages between what a target shows and the last changeset.", "target")
	targetLagSeconds  = desc("target_lag_seconds", "Age of the oldest changeset that a target does not show; 0 where it shows all.", "target")
	targetFailing     = desc("target_failing", "1 while a target cannot be pushed to.", "target")
	targetPushed      = desc("target_last_pushed_timestamp_seconds", "When this process last changed a target; absent before it does.", "target")
	webhookDelivered  = desc("webhook_delivered_total", "Deliveries that an endpoint took, since it was first configured.", "webhook")
	webhookWaiting    = desc("webhook_waiting", "Deliveries that wait for an endpoint.", "webhook")
	webhookGivenUp    = desc("webhook_given_up", "Deliveries to an endpoint that were given up and not made again.", "webhook")
	webhookFailing    = desc("webhook_failing", "1 while an endpoint does not take deliveries, or has said that it is gone.", "webhook")
	backupDone        = desc("backup_done_timestamp_seconds", "When the last backup that ended well began; absent before the first.")
	backupFailing     = desc("backup_failing", "1 while the last backup that was due failed.")
	webhookLast       = desc("webhook_last_delivered_timestamp_seconds", "When an endpoint last took a delivery; absent before it does.", "webhook")
	digestDone        = desc("digest_last_success_timestamp_seconds", "When a digest last ended well, be it empty; absent before the first.")
	digestFailing     = desc("digest_failing", "1 while a digest that was due could not be sent.")
	subscribers       = desc("newsletter_subscribers", "Subscribers to the newsletter, by whether mail is sent to them; counted once a minute at most.", "state")
	nextRun           = desc("schedule_next_run_timestamp_seconds", "When a scheduled job runs next.", "schedule")
	githubDeliveries  = desc("github_deliveries_total", "Deliveries to the webhook, by what became of them.", "outcome")
	githubReports     = desc("github_reports_total", "Reports to GitHub, by what became of them.", "outcome")
	githubFailing     = desc("github_report_failing", "1 while reports to GitHub fail.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("netsync_"+name, help, labels, nil)
}

// A collector reads the status when it is asked.
type collector struct{ status func(context.Context) Status }

// Describe sends nothing: what there is depends on the process's roles.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the figures of the moment.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s := c.status(ctx)
	e := emitter{out}
	e.gauge(buildInfo, 1, s.Process.Version)
	e.flag(ready, s.Ready() == nil)
	e.flag(brokerConnected, s.Process.Connected)
	e.stream(s.Stream)
	e.findings(s.Findings())
	if s.Worker != nil {
		e.worker(s.Worker, s)
	}
	for _, ch := range s.Channels {
		e.channel(ch, s.Stream.Error == "")
	}
	for _, t := range s.Targets {
		e.target(t, s.Stream.Error == "")
	}
	for _, w := range s.Webhooks {
		e.webhook(w)
	}
	if s.Backup != nil {
		e.time(backupDone, s.Backup.Done)
		e.flag(backupFailing, s.Backup.Error != "")
	}
	if s.Digest != nil {
		e.time(digestDone, s.Digest.Done)
		e.flag(digestFailing, s.Digest.Error != "")
	}
	if c := s.Subscribers; c != nil {
		e.gauge(subscribers, float64(c.Active), "active")
		e.gauge(subscribers, float64(c.Suspended), "suspended")
	}
	for _, due := range s.Next {
		e.time(nextRun, due.Next, due.Job)
	}
	if s.GitHub != nil {
		e.github(s.GitHub)
	}
}

// An emitter sends figures.
type emitter struct{ out chan<- prometheus.Metric }

func (e emitter) gauge(d *prometheus.Desc, v float64, labels ...string) {
	e.out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (e emitter) counter(d *prometheus.Desc, n uint64, labels ...string) {
	e.out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (e emitter) flag(d *prometheus.Desc, on bool, labels ...string) {
	v := 0.0
	if on {
		v = 1
	}
	e.gauge(d, v, labels...)
}

// time sends nothing where there is no time: 0 would be read as 1970.
func (e emitter) time(d *prometheus.Desc, t time.Time, labels ...string) {
	if !t.IsZero() {
		e.gauge(d, float64(t.UnixMilli())/1000, labels...)
	}
}

func (e emitter) stream(s Stream) {
	e.flag(streamReadable, s.Error == "")
	e.flag(streamWritable, s.Unwritable == "")
	setAside := uint64(0)
	if s.SetAside != nil {
		setAside = uint64(s.SetAside.Count)
	}
	e.counter(streamSetAside, setAside)
	if s.Error != "" {
		return // what is not known is not 0
	}
	e.gauge(streamLast, float64(s.Last))
	e.gauge(streamChangeset, float64(s.Changeset.Sequence))
	e.time(streamCompleted, s.Completed)
}

func (e emitter) findings(all []event.Finding) {
	summary := event.CountFindings(all)
	e.gauge(findings, float64(summary.Error), string(schema.Error))
	e.gauge(findings, float64(summary.Warning), string(schema.Warning))
}

func (e emitter) worker(w *worker.Status, s Status) {
	since := w.Checked
	if since.IsZero() {
		since = s.Process.Started
	}
	e.time(workerChecked, w.Checked)
	e.gauge(workerAge, s.Time.Sub(since).Seconds())
	e.flag(workerFailing, w.Error != "")
	e.flag(workerHeld, w.Held)
	e.gauge(workerQuarantined, float64(len(w.Quarantined)))
	e.flag(workerStandby, s.Standby != "")
}

// channel sends no lag where the stream's end is not known.
func (e emitter) channel(c Channel, known bool) {
	e.gauge(channelSequence, float64(c.Position.Sequence), c.Channel)
	if known {
		e.gauge(channelLag, float64(c.Lag), c.Channel)
		e.gauge(channelLagSeconds, c.LagSeconds, c.Channel)
	}
	e.flag(channelFailing, c.Error != "", c.Channel)
	e.flag(channelHeld, c.Held != nil, c.Channel)
	e.time(channelChanged, c.Published, c.Channel)
}

// target sends no lag where one of its ends is not known.
func (e emitter) target(t Target, known bool) {
	if t.Position.Sequence > 0 {
		e.gauge(targetSequence, float64(t.Position.Sequence), t.Target)
		if known {
			e.gauge(targetLag, float64(t.Lag), t.Target)
			e.gauge(targetLagSeconds, t.LagSeconds, t.Target)
		}
	}
	e.flag(targetFailing, t.Error != "", t.Target)
	e.time(targetPushed, t.Pushed, t.Target)
}

// webhook sends nothing where nothing is known.
func (e emitter) webhook(w Webhook) {
	if w.Error != "" {
		return
	}
	e.counter(webhookDelivered, w.Delivered, w.Name)
	e.gauge(webhookWaiting, float64(w.Waiting), w.Name)
	e.gauge(webhookGivenUp, float64(w.GivenUp), w.Name)
	e.flag(webhookFailing, w.Problem != "" || !w.Gone.IsZero(), w.Name)
	e.time(webhookLast, w.Last, w.Name)
}

func (e emitter) github(g *GitHub) {
	for outcome, n := range g.Deliveries {
		e.counter(githubDeliveries, n, string(outcome))
	}
	if g.Reporter == nil {
		return
	}
	for outcome, n := range g.Reporter.Reports {
		e.counter(githubReports, n, string(outcome))
	}
	e.flag(githubFailing, g.Reporter.Error != "")
}
