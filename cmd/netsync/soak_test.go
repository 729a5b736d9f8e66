package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"netsync/schema/testkit/npmtest"
)

// Commits a second of the soak, and how often the process is measured.
const (
	commitPause = 200 * time.Millisecond
	samplePause = 5 * time.Second
)

// longSoak is how many commits make a soak that shows whether something grows:
// ten minutes.
const longSoak = 3000

// gauges must stay flat, but for so much by which the last third of the run
// may be above the second one.
var gauges = map[string]float64{
	"process_resident_memory_bytes": 1.15,
	"go_goroutines":                 1.1,
	"process_open_fds":              1.1,
}

// A process that is never left alone must not grow. -faults.n is the number
// of commits, five a second; the short form only shows that it goes on.
func TestASoakLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	n, random := faults(t, 40)
	v := newVictim(t, random)
	v.start()
	v.settle()
	samples := make(map[string][]float64)
	stop := make(chan struct{})
	measured := make(chan error, 1)
	go func() { measured <- v.sample(t.Context(), samples, stop) }()
	next := time.Now()
	for range n {
		next = next.Add(commitPause)
		v.edit()
		time.Sleep(time.Until(next)) // the pace is what is tested
	}
	close(stop)
	if err := <-measured; err != nil {
		t.Fatal(err)
	}
	verdict := v.judgeStream()
	t.Logf("%d commits: %d events in %d changesets, %d problems", n, verdict.Events, verdict.Changesets, len(verdict.Problems))
	for name, most := range gauges {
		all := samples[name]
		if len(all) == 0 {
			t.Errorf("%s was not measured", name)
			continue
		}
		if n < longSoak {
			continue // too short to say whether it grows
		}
		third := len(all) / 3
		middle, last := middleOf(all[third:2*third]), middleOf(all[2*third:])
		t.Logf("%s: %.0f in the second third, %.0f in the last", name, middle, last)
		if last > most*middle {
			t.Errorf("%s grows", name)
		}
	}
}

func middleOf(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// edit commits one change, of a dataset that stays as large as it is.
func (v *victim) edit() {
	v.t.Helper()
	if err := v.data.Edit(); err != nil {
		v.t.Fatal(err)
	}
}

// sample reads the process's own metrics again and again.
func (v *victim) sample(ctx context.Context, samples map[string][]float64, stop <-chan struct{}) error {
	address, err := v.adminAddress()
	if err != nil {
		return err
	}
	tick := time.NewTicker(samplePause)
	defer tick.Stop()
	for {
		if err := scrape(ctx, "http://"+address+"/metrics", samples); err != nil {
			return err
		}
		select {
		case <-stop:
			return nil
		case <-tick.C:
		}
	}
}

func scrape(ctx context.Context, url string, samples map[string][]float64) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	scanner := bufio.NewScanner(response.Body)
	for scanner.Scan() {
		name, value, _ := strings.Cut(scanner.Text(), " ")
		if _, ok := gauges[name]; !ok {
			continue
		}
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		samples[name] = append(samples[name], x)
	}
	return scanner.Err()
}

// adminAddress finds in the log where operators look.
func (v *victim) adminAddress() (string, error) {
	data, err := os.ReadFile(filepath.Join(v.dir, "log"))
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(string(data), `"admin":"http://`)
	address, _, ok2 := strings.Cut(rest, `"`)
	if !ok || !ok2 {
		return "", fmt.Errorf("the log does not say where operators look")
	}
	return address, nil
}
