package ops

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"netsync/worker"
)

func TestTheMetricsTellWhoStandsBy(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]float64{"": 0, "the worker on another machine publishes": 1} {
		all := prometheus.NewRegistry()
		all.MustRegister(&collector{func(context.Context) Status { return Status{Worker: &worker.Status{}, Standby: said} }})
		families, err := all.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := -1.0
		for _, f := range families {
			if f.GetName() == "netsync_worker_standby" {
				got = f.GetMetric()[0].GetGauge().GetValue()
			}
		}
		if got != want {
			t.Errorf("standby %q: netsync_worker_standby is %v, not %v", said, got, want)
		}
	}
}
