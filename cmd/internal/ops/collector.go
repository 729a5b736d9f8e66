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
	buildInfo         = newDesc("build_info", "1, with the version of the program.", "version")
	ready             = newDesc("ready", "1 while /readyz says that the process can do its work.")
	brokerConnected   = newDesc("broker_connected", "1 while the process is connected to the broker.")
	streamReadable    = newDesc("stream_readable", "1 while the dataset's stream can be read.")
	streamWritable    = newDesc("stream_writable", "0 while the broker takes no new messages, as the one in this process says itself or the worker has seen.")
	streamSetAside    = newDesc("stream_set_aside_messages_total", "Messages in the stream that are not events of the dataset, as far as the process has read it since it started.")
	streamLast        = newDesc("stream_last_sequence", "Sequence number of the last message in the dataset's stream.")
	streamChangeset   = newDesc("stream_changeset_sequence", "Sequence number of the last changeset event.")
	streamCompleted   = newDesc("stream_changeset_timestamp_seconds", "When the last changeset was published.")
	workerChecked     = newDesc("worker_last_success_timestamp_seconds", "When the worker's last pass ended well; absent before the first.")
	workerAge         = newDesc("worker_last_success_age_seconds", "How long ago the worker's last pass ended well; counted from the start of the process before the first.")
	workerFailing     = newDesc("worker_failing", "1 while the worker's passes fail.")
	workerHeld        = newDesc("worker_held", "1 while a commit is held back because of findings.")
	workerQuarantined = newDesc("worker_quarantined_records", "Records that keep their last good version because of findings.")
	workerStandby     = newDesc("worker_standby", "1 while another process's worker publishes and this one is ready to take over.")
	findings          = newDesc("findings", "Findings of the dataset, by severity.", "severity")
	channelSequence   = newDesc("channel_sequence", "Sequence number of the changeset event that a channel shows.", "channel")
	channelLag        = newDesc("channel_lag_messages", "Messages between what a channel shows and the last changeset.", "channel")
	channelLagSeconds = newDesc("channel_lag_seconds", "Age of the oldest changeset that a channel does not show; 0 where it shows all.", "channel")
	channelFailing    = newDesc("channel_failing", "1 while a channel cannot be published.", "channel")
	channelHeld       = newDesc("channel_held", "1 while an operator holds a channel at an older changeset.", "channel")
	channelChanged    = newDesc("channel_last_published_timestamp_seconds", "When this process last changed a channel; absent before it does.", "channel")
	targetSequence    = newDesc("target_sequence", "Sequence number of the changeset event that a target of the website shows; absent while that is not known.", "target")
	targetLag         = newDesc("target_lag_messages", "Messages between what a target shows and the last changeset.", "target")
	targetLagSeconds  = newDesc("target_lag_seconds", "Age of the oldest changeset that a target does not show; 0 where it shows all.", "target")
	targetFailing     = newDesc("target_failing", "1 while a target cannot be pushed to.", "target")
	targetPushed      = newDesc("target_last_pushed_timestamp_seconds", "When this process last changed a target; absent before it does.", "target")
	webhookDelivered  = newDesc("webhook_delivered_total", "Deliveries that an endpoint took, since it was first configured.", "webhook")
	webhookWaiting    = newDesc("webhook_waiting", "Deliveries that wait for an endpoint.", "webhook")
	webhookGivenUp    = newDesc("webhook_given_up", "Deliveries to an endpoint that were given up and not made again.", "webhook")
	webhookFailing    = newDesc("webhook_failing", "1 while an endpoint does not take deliveries, or has said that it is gone.", "webhook")
	backupDone        = newDesc("backup_done_timestamp_seconds", "When the last backup that ended well began; absent before the first.")
	backupFailing     = newDesc("backup_failing", "1 while the last backup that was due failed.")
	webhookLast       = newDesc("webhook_last_delivered_timestamp_seconds", "When an endpoint last took a delivery; absent before it does.", "webhook")
	digestDone        = newDesc("digest_last_success_timestamp_seconds", "When a digest last ended well, be it empty; absent before the first.")
	digestFailing     = newDesc("digest_failing", "1 while a digest that was due could not be sent.")
	subscribers       = newDesc("newsletter_subscribers", "Subscribers to the newsletter, by whether mail is sent to them; counted once a minute at most.", "state")
	nextRun           = newDesc("schedule_next_run_timestamp_seconds", "When a scheduled job runs next.", "schedule")
	githubDeliveries  = newDesc("github_deliveries_total", "Deliveries to the webhook, by what became of them.", "outcome")
	githubReports     = newDesc("github_reports_total", "Reports to GitHub, by what became of them.", "outcome")
	githubFailing     = newDesc("github_report_failing", "1 while reports to GitHub fail.")
)

func newDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("netsync_"+name, help, labels, nil)
}

// A collector reads the status when scraped.
type collector struct{ status func(context.Context) Status }

// Describe sends nothing: the metrics depend on the process's roles.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the current metrics.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s := c.status(ctx)
	e := emitter{out}
	e.sendGauge(buildInfo, 1, s.Process.Version)
	e.sendFlag(ready, s.Ready() == nil)
	e.sendFlag(brokerConnected, s.Process.Connected)
	e.sendStream(s.Stream)
	e.sendFindings(s.Findings())
	if s.Worker != nil {
		e.sendWorker(s.Worker, s)
	}
	for _, ch := range s.Channels {
		e.sendChannel(ch, s.Stream.Error == "")
	}
	for _, t := range s.Targets {
		e.sendTarget(t, s.Stream.Error == "")
	}
	for _, w := range s.Webhooks {
		e.sendWebhook(w)
	}
	if s.Backup != nil {
		e.sendTime(backupDone, s.Backup.Done)
		e.sendFlag(backupFailing, s.Backup.Error != "")
	}
	if s.Digest != nil {
		e.sendTime(digestDone, s.Digest.Done)
		e.sendFlag(digestFailing, s.Digest.Error != "")
	}
	if c := s.Subscribers; c != nil {
		e.sendGauge(subscribers, float64(c.Active), "active")
		e.sendGauge(subscribers, float64(c.Suspended), "suspended")
	}
	for _, due := range s.Next {
		e.sendTime(nextRun, due.Next, due.Job)
	}
	if s.GitHub != nil {
		e.sendGitHub(s.GitHub)
	}
}

// An emitter sends metrics.
type emitter struct{ out chan<- prometheus.Metric }

func (e emitter) sendGauge(d *prometheus.Desc, v float64, labels ...string) {
	e.out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (e emitter) sendCounter(d *prometheus.Desc, n uint64, labels ...string) {
	e.out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (e emitter) sendFlag(d *prometheus.Desc, on bool, labels ...string) {
	v := 0.0
	if on {
		v = 1
	}
	e.sendGauge(d, v, labels...)
}

// sendTime sends no value for a zero time: 0 would be read as 1970.
func (e emitter) sendTime(d *prometheus.Desc, t time.Time, labels ...string) {
	if !t.IsZero() {
		e.sendGauge(d, float64(t.UnixMilli())/1000, labels...)
	}
}

func (e emitter) sendStream(s Stream) {
	e.sendFlag(streamReadable, s.Error == "")
	e.sendFlag(streamWritable, s.Unwritable == "")
	setAside := uint64(0)
	if s.SetAside != nil {
		setAside = uint64(s.SetAside.Count)
	}
	e.sendCounter(streamSetAside, setAside)
	if s.Error != "" {
		return // unknown is not 0
	}
	e.sendGauge(streamLast, float64(s.Last))
	e.sendGauge(streamChangeset, float64(s.Changeset.Sequence))
	e.sendTime(streamCompleted, s.Completed)
}

func (e emitter) sendFindings(all []event.Finding) {
	summary := event.CountFindings(all)
	e.sendGauge(findings, float64(summary.Error), string(schema.Error))
	e.sendGauge(findings, float64(summary.Warning), string(schema.Warning))
}

func (e emitter) sendWorker(w *worker.Status, s Status) {
	since := w.Checked
	if since.IsZero() {
		since = s.Process.Started
	}
	e.sendTime(workerChecked, w.Checked)
	e.sendGauge(workerAge, s.Time.Sub(since).Seconds())
	e.sendFlag(workerFailing, w.Error != "")
	e.sendFlag(workerHeld, w.Held)
	e.sendGauge(workerQuarantined, float64(len(w.Quarantined)))
	e.sendFlag(workerStandby, s.Standby != "")
}

// sendChannel sends no lag if the end of the stream is unknown.
func (e emitter) sendChannel(c Channel, known bool) {
	e.sendGauge(channelSequence, float64(c.Position.Sequence), c.Channel)
	if known {
		e.sendGauge(channelLag, float64(c.Lag), c.Channel)
		e.sendGauge(channelLagSeconds, c.LagSeconds, c.Channel)
	}
	e.sendFlag(channelFailing, c.Error != "", c.Channel)
	e.sendFlag(channelHeld, c.Held != nil, c.Channel)
	e.sendTime(channelChanged, c.Published, c.Channel)
}

// sendTarget sends no lag if one of its ends is unknown.
func (e emitter) sendTarget(t Target, known bool) {
	if t.Position.Sequence > 0 {
		e.sendGauge(targetSequence, float64(t.Position.Sequence), t.Target)
		if known {
			e.sendGauge(targetLag, float64(t.Lag), t.Target)
			e.sendGauge(targetLagSeconds, t.LagSeconds, t.Target)
		}
	}
	e.sendFlag(targetFailing, t.Error != "", t.Target)
	e.sendTime(targetPushed, t.Pushed, t.Target)
}

// sendWebhook sends no value of an unknown state.
func (e emitter) sendWebhook(w Webhook) {
	if w.Error != "" {
		return
	}
	e.sendCounter(webhookDelivered, w.Delivered, w.Name)
	e.sendGauge(webhookWaiting, float64(w.Waiting), w.Name)
	e.sendGauge(webhookGivenUp, float64(w.GivenUp), w.Name)
	e.sendFlag(webhookFailing, w.Problem != "" || !w.Gone.IsZero(), w.Name)
	e.sendTime(webhookLast, w.Last, w.Name)
}

func (e emitter) sendGitHub(g *GitHub) {
	for outcome, n := range g.Deliveries {
		e.sendCounter(githubDeliveries, n, string(outcome))
	}
	if g.Reporter == nil {
		return
	}
	for outcome, n := range g.Reporter.Reports {
		e.sendCounter(githubReports, n, string(outcome))
	}
	e.sendFlag(githubFailing, g.Reporter.Error != "")
}
