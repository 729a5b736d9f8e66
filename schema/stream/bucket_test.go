package stream_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// startBrokers starts a single broker and a cluster of three with three
// replicas: they report conflicts by different errors.
func startBrokers(t *testing.T) map[string]jetstream.JetStream {
	cluster := streamtest.StartCluster(t, streamtest.ClusterConfig{})
	nc, err := nats.Connect(cluster.Addresses(), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	three, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	cluster.CreateStream(t, three, stream.Config("x", 3))
	return map[string]jetstream.JetStream{"alone": streamtest.JetStream(t), "cluster": three}
}

func TestBucketsCompareBeforeTheySet(t *testing.T) {
	t.Parallel()
	for name, js := range startBrokers(t) {
		t.Run(name+": a write that another preceded is a conflict", func(t *testing.T) { refuseOldRevisions(t, js) })
		t.Run(name+": concurrent changes all count", func(t *testing.T) { countChanges(t, js) })
	}
}

func refuseOldRevisions(t *testing.T, js jetstream.JetStream) {
	ctx := t.Context()
	if _, err := stream.FindBucket(ctx, js, "b"); !errors.Is(err, stream.ErrNoBucket) {
		t.Errorf("a bucket that nobody created: %v", err)
	}
	b, err := stream.OpenBucket(ctx, js, "x", "b", "A bucket")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(ctx, "k"); !errors.Is(err, stream.ErrNoKey) {
		t.Errorf("a key that nobody wrote: %v", err)
	}
	first, err := b.Create(ctx, "k", []byte("1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(ctx, "k", []byte("2")); !errors.Is(err, stream.ErrConflict) {
		t.Errorf("created twice: %v", err)
	}
	second, err := b.Update(ctx, "k", []byte("2"), first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Update(ctx, "k", []byte("3"), first); !errors.Is(err, stream.ErrConflict) {
		t.Errorf("updated from an old revision: %v", err)
	}
	if err := b.RemoveRevision(ctx, "k", first); !errors.Is(err, stream.ErrConflict) {
		t.Errorf("removed by an old revision: %v", err)
	}
	if err := b.RemoveRevision(ctx, "k", second); err != nil {
		t.Error(err)
	}
	if _, err := b.Update(ctx, "k", []byte("4"), 0); err != nil {
		t.Errorf("written again after it was removed: %v", err)
	}
}

func countChanges(t *testing.T, js jetstream.JetStream) {
	const processes, changes = 4, 10
	group, ctx := errgroup.WithContext(t.Context())
	for range processes {
		group.Go(func() error { return addNumbers(ctx, js, changes) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	b, err := stream.FindBucket(t.Context(), js, "sums")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	streamtest.Eventually(t, "the last change to be read", func() bool { // a replica may be behind
		got = nil
		err := b.Each(t.Context(), ">", func(e stream.Entry) error { got = append(got, e.Key+" "+string(e.Value)); return nil })
		return err == nil && slices.Equal(got, []string{"sum " + strconv.Itoa(processes*changes)})
	})
}

// addNumbers adds 1 to a sum the given number of times, as a separate process
// does.
func addNumbers(ctx context.Context, js jetstream.JetStream, changes int) error {
	b, err := stream.OpenBucket(ctx, js, "x", "sums", "A bucket")
	if err != nil {
		return err
	}
	for range changes {
		err = errors.Join(err, stream.Change(ctx, b, "sum", func(sum *int, _ bool) error { *sum++; return nil }))
	}
	return errors.Join(err, stream.Change(ctx, b, "sum", func(sum *int, _ bool) error { *sum = -1; return stream.ErrUnchanged }))
}

// A cluster whose servers still connect may create a bucket and lose the answer.
func TestABucketIsOpenedWhenTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	ns := streamtest.Server(t)
	proxy := streamtest.NewProxy(t, ns.Addr().String())
	nc, err := nats.Connect("nats://"+proxy.Address, nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	direct, err := jetstream.New(streamtest.Connect(t, ns))
	if err != nil {
		t.Fatal(err)
	}
	asked := proxy.SwallowAfter("STREAM.CREATE.KV_b")
	opened := make(chan error, 1)
	go func() {
		b, err := stream.OpenBucket(t.Context(), js, "x", "b", "A bucket")
		if err == nil {
			_, err = b.Create(t.Context(), "k", []byte("1"))
		}
		opened <- err
	}()
	<-asked
	streamtest.Eventually(t, "the broker to create the bucket", func() bool {
		_, err := direct.KeyValue(t.Context(), "b")
		return err == nil
	})
	proxy.Cut()
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
