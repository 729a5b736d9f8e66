package ops

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"netsync/schema"
	"netsync/schema/event"
)

// metrics serves the status in the Prometheus exposition format.
func metrics(status func(context.Context) Status) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&collector{status},
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

var (
	streamLast        = desc("stream_last_sequence", "Sequence number of the last message in the dataset's stream.")
	streamChangeset   = desc("stream_changeset_sequence", "Sequence number of the last changeset event.")
	workerChecked     = desc("worker_last_success_timestamp_seconds", "When the worker's last pass ended well.")
	workerFailing     = desc("worker_failing", "1 while the worker's passes fail.")
	workerHeld        = desc("worker_held", "1 while a commit is held back because of findings.")
	workerQuarantined = desc("worker_quarantined_records", "Records that keep their last good version because of findings.")
	findings          = desc("findings", "Findings of the last pass.", "severity")
	channelSequence   = desc("channel_sequence", "Sequence number of the changeset event that a channel shows.", "channel")
	channelLag        = desc("channel_lag", "Messages between what a channel shows and the last changeset.", "channel")
	channelFailing    = desc("channel_failing", "1 while a channel cannot be published.", "channel")
	githubDeliveries  = desc("github_deliveries_total", "Deliveries to the webhook, by what became of them.", "outcome")
	githubReports     = desc("github_reports_total", "Reports to GitHub, by what became of them.", "outcome")
	githubFailing     = desc("github_report_failing", "1 while reports to GitHub fail.")
	channelChanged    = desc("channel_last_published_timestamp_seconds", "When a channel last changed.", "channel")
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
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(streamLast, float64(s.Stream.Last))
	gauge(streamChangeset, float64(s.Stream.Changeset.Sequence))
	if s.Worker != nil {
		gauge(workerChecked, seconds(s.Worker.Checked))
		gauge(workerFailing, flag(s.Worker.Error != ""))
		gauge(workerHeld, flag(s.Worker.Held))
		summary := event.CountFindings(s.Worker.Findings)
		gauge(findings, float64(summary.Error), string(schema.Error))
		gauge(findings, float64(summary.Warning), string(schema.Warning))
		gauge(workerQuarantined, float64(len(s.Worker.Quarantined)))
	}
	for _, ch := range s.Channels {
		gauge(channelSequence, float64(ch.Position.Sequence), ch.Channel)
		gauge(channelLag, float64(ch.Lag), ch.Channel)
		gauge(channelFailing, flag(ch.Error != ""), ch.Channel)
		gauge(channelChanged, seconds(ch.Published), ch.Channel)
	}
	if s.GitHub != nil {
		collectGitHub(out, s.GitHub)
	}
}

func collectGitHub(out chan<- prometheus.Metric, g *GitHub) {
	for outcome, n := range g.Deliveries {
		out <- prometheus.MustNewConstMetric(githubDeliveries, prometheus.CounterValue, float64(n), string(outcome))
	}
	if g.Reporter == nil {
		return
	}
	for outcome, n := range g.Reporter.Reports {
		out <- prometheus.MustNewConstMetric(githubReports, prometheus.CounterValue, float64(n), string(outcome))
	}
	out <- prometheus.MustNewConstMetric(githubFailing, prometheus.GaugeValue, flag(g.Reporter.Error != ""))
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
