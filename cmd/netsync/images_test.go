package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"netsync/cmd/internal/cli"
	"netsync/schema"
	"netsync/schema/stream"
	"netsync/schema/testkit/npmtest"
)

// logoOf is an image with a mark that tells it from others.
func logoOf(mark string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="10"><title>` + mark + `</title></svg>`
}

// draw commits an image for LERU.
func (d *demoProcess) draw(mark string) {
	d.t.Helper()
	path := filepath.Join(d.dir, "dataset", "assets", "leru.svg")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(logoOf(mark)), 0o644); err != nil {
		d.t.Fatal(err)
	}
	d.commit("Draw " + mark)
}

// showLogo commits an image that LERU shows from then on.
func (d *demoProcess) showLogo(mark string) {
	d.t.Helper()
	d.replace("networks/leru.yaml", "id: leru\n", "id: leru\nlogo: {path: assets/leru.svg}\n")
	d.draw(mark)
}

// waitForLogo waits until the website has a logo, and reads its bytes as a
// stranger does, on the address that is printed.
func (d *demoProcess) waitForLogo(mark string) {
	d.t.Helper()
	want := schema.DigestOf([]byte(logoOf(mark)))
	d.waitFor("/data/networks/leru.json", string(want))
	nc, err := nats.Connect("nats://"+d.nat, nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		d.t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	bucket, err := js.ObjectStore(ctx, stream.AssetBucket("leiden-networks"))
	if err != nil {
		d.t.Fatal(err)
	}
	if data, err := bucket.GetString(ctx, want.Hex()); err != nil || data != logoOf(mark) {
		d.t.Errorf("the bucket holds %q, %v", data, err)
	}
	if err := errors.Join(nc.Publish(stream.MetaSubject("leiden-networks", want), []byte("{}")), nc.Flush()); err != nil {
		d.t.Fatal(err)
	}
	if err := nc.LastError(); !errors.Is(err, nats.ErrPermissionViolation) {
		d.t.Errorf("a guest may put an object: %v", err)
	}
}

func TestLogosReachWhoeverSubscribes(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks/leru.json", `"id":"leru"`)
	d.showLogo("first")
	d.waitForLogo("first")
	d.verify()
	before := len(d.events())
	d.draw("second")
	d.waitForLogo("second")
	if n := len(d.events()) - before; n != 2 {
		t.Errorf("an image that changes makes %d events", n)
	}
	d.waitFor("/feed.json", "leru.svg (a new image)")
	if out, code := netsync(t, "diff", "-C", filepath.Join(d.dir, "dataset"), "HEAD~1", "HEAD"); code != cli.ExitDone || !strings.Contains(out, "/logo/digest") {
		t.Errorf("netsync diff: exit code %d\n%s", code, out)
	}
	d.kill()

	// Somebody takes the bucket away: verify says so, and a start mends it.
	folder := filepath.Join(d.dir, "data", "nats", "jetstream", "NETSYNC", "streams", stream.AssetStream("leiden-networks"))
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if out, code := netsync(t, "verify", "-c", d.config()); code != cli.ExitData || !strings.Contains(out, "networks/leru shows an image that cannot be read") {
		t.Errorf("netsync verify: exit code %d\n%s", code, out)
	}
	if _, code := netsync(t, "sync", "-c", d.config()); code != cli.ExitDone {
		t.Errorf("netsync sync: exit code %d", code)
	}
	d.verify()
	if _, code := netsync(t, "rebuild", "website", "-c", d.config()); code != cli.ExitDone {
		t.Errorf("netsync rebuild: exit code %d", code)
	}
	d.start()
	d.waitForLogo("second")
	d.verify()
}

// A process that is killed when it has stored an image and published nothing
// leaves nothing that anybody sees, and the next one goes on from there.
func TestAKillBetweenAnImageAndItsEvent(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	dir := t.TempDir()
	sampleRepository(t, dir)
	d := demoProcess{t: t, dir: dir}
	d.showLogo("first")
	config := filepath.Join(dir, "netsync.yaml")
	text := fmt.Sprintf("dataset: {repository: %s}\ndata_dir: %s\n", filepath.Join(dir, "dataset"), filepath.Join(dir, "data"))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	binary := withFailpoints(t)
	for _, point := range []string{"worker: images", "journal: after commit"} {
		d.draw(point)
		hit := filepath.Join(t.TempDir(), "hit")
		cmd := program("sync", "-c", config)
		cmd.Path = binary
		cmd.Env = append(cmd.Env, "NETSYNC_TEST_FAILPOINT="+point+"=kill@1", "NETSYNC_TEST_FAILPOINT_HIT="+hit)
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%s: the process was not killed:\n%s", point, out)
		}
		if _, err := os.Stat(hit); err != nil {
			t.Errorf("%s was not reached", point)
		}
		if out, code := netsync(t, "sync", "-c", config); code != cli.ExitDone {
			t.Errorf("%s: netsync sync: exit code %d\n%s", point, code, out)
		}
		if out, code := netsync(t, "verify", "-c", config); code != cli.ExitDone || !strings.Contains(out, "images      agrees") {
			t.Errorf("%s: netsync verify: exit code %d\n%s", point, code, out)
		}
	}
}
