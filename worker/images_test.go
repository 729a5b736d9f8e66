package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/worker"
)

// drawing returns an SVG image of a width.
func drawing(width int) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="10"/>`, width)
}

// withLogo gives LERU a logo, and publishes that.
func withLogo(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	f.sync()
	f.repo.write("assets/leru.svg", drawing(1))
	f.repo.replace("networks/leru.yaml", "id: leru\n", "id: leru\nlogo: {path: assets/leru.svg, alt: Logo of LERU}\n")
	f.repo.commit("Show the logo of LERU")
	if r := f.sync(); len(r.Changes) != 1 || len(r.Findings) != 0 {
		t.Fatalf("changes = %+v, findings = %+v", r.Changes, r.Findings)
	}
	return f
}

func (f *fixture) reader() *stream.Reader {
	f.t.Helper()
	reader, err := stream.Open(f.t.Context(), f.js, "leiden-networks")
	if err != nil {
		f.t.Fatal(err)
	}
	return reader
}

// logo returns LERU's logo according to the stream.
func (f *fixture) logo() schema.Logo {
	f.t.Helper()
	fold, _, err := f.reader().Latest(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	record, _ := fold.State.Get(schema.RecordID{Collection: schema.Networks, ID: "leru"})
	logo, ok, err := schema.LogoOf(record)
	if !ok || err != nil {
		f.t.Fatalf("LERU has no logo: %v, %v", ok, err)
	}
	return logo
}

// shows checks that LERU's logo in the stream is an image that the broker has.
func (f *fixture) shows(image string) {
	f.t.Helper()
	logo := f.logo()
	data, err := f.reader().Asset(f.t.Context(), logo.Digest)
	if err != nil || string(data) != image || logo.Digest != schema.DigestOf([]byte(image)) || logo.Size != int64(len(image)) {
		f.t.Errorf("LERU shows %+v, of which the broker has %q, %v; want %q", logo, data, err, image)
	}
}

func (f *fixture) dropBucket() {
	f.t.Helper()
	if err := f.js.DeleteObjectStore(f.t.Context(), stream.AssetBucket("leiden-networks")); err != nil {
		f.t.Fatal(err)
	}
}

func TestALogoComesWithItsBytes(t *testing.T) {
	t.Parallel()
	f := withLogo(t)
	f.shows(drawing(1))
	logo := f.logo()
	if logo.Path != "assets/leru.svg" || logo.MediaType != "image/svg+xml" || logo.Width != 1 || logo.Height != 10 || logo.Alt["en"] != "Logo of LERU" {
		t.Errorf("logo = %+v", logo)
	}
	// Any client can read it as an object of that name.
	bucket, err := f.js.ObjectStore(t.Context(), "netsync-leiden-networks-assets")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := bucket.GetString(t.Context(), strings.TrimPrefix(string(logo.Digest), "sha256:")); err != nil || data != drawing(1) {
		t.Errorf("object = %q, %v", data, err)
	}
	if all, err := bucket.List(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d objects, %v", len(all), err)
	}
}

func TestAnImageThatChangesIsAChangeOfTheRecordsThatShowIt(t *testing.T) {
	t.Parallel()
	f := withLogo(t)
	f.repo.write("assets/leru.svg", drawing(2))
	sha := f.repo.commit("A new logo for LERU")
	f.repo.write("README.md", "nothing to see")
	f.repo.commit("Not about the logo")
	r := f.sync()
	if len(r.Changes) != 1 {
		t.Fatalf("changes = %+v", r.Changes)
	}
	c := r.Changes[0]
	if c.Op != event.Updated || c.Significance != event.Minor || !strings.Contains(string(c.Patch), `"/logo/digest"`) {
		t.Errorf("%s, %s: %s", c.Op, c.Significance, c.Patch)
	}
	if len(c.Commits) != 1 || c.Commits[0].SHA != sha {
		t.Errorf("commits = %+v, want %s", c.Commits, sha)
	}
	f.shows(drawing(2))

	f.repo.git("mv", "assets/leru.svg", "assets/league.svg")
	f.repo.replace("networks/leru.yaml", "assets/leru.svg", "assets/league.svg")
	f.repo.commit("Rename the file")
	r = f.sync()
	if len(r.Changes) != 1 || strings.Contains(string(r.Changes[0].Patch), "digest") || !strings.Contains(string(r.Changes[0].Patch), `"/logo/path"`) {
		t.Fatalf("changes = %+v", r.Changes)
	}
	f.shows(drawing(2))

	first := f.repo.git("rev-parse", "HEAD~3")
	f.repo.git("reset", "--quiet", "--hard", first)
	f.sync()
	f.shows(drawing(1))
	f.messages()
	if again := f.another(0).mustSync(t); len(again.Changes) != 0 {
		t.Errorf("another worker publishes %+v", again.Changes)
	}
}

func TestAnImageThatBreaksKeepsTheLastGoodOne(t *testing.T) {
	t.Parallel()
	f := withLogo(t)
	f.repo.write("assets/leru.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)
	f.repo.commit("Break the logo")
	r := f.sync()
	if len(r.Changes) != 0 || !slices.Equal(r.Quarantined, []string{"networks/leru"}) {
		t.Fatalf("changes = %+v, quarantined = %v", r.Changes, r.Quarantined)
	}
	f.shows(drawing(1))
	// The record keeps its image when other fields change.
	f.repo.replace("networks/leru.yaml", "tier: key", "tier: member")
	f.repo.git("rm", "--quiet", "--cached", "assets/leru.svg")
	f.repo.git("commit", "--quiet", "--message=Take it away")
	if r := f.another(0).mustSync(t); len(r.Changes) != 0 {
		t.Fatalf("changes = %+v", r.Changes)
	}
	f.dropBucket()
	f.another(0).mustSync(t)
	f.shows(drawing(1)) // out of the history
	f.repo.write("assets/leru.svg", drawing(3))
	f.repo.commit("Mend the logo")
	if r := f.sync(); len(r.Changes) != 1 || len(r.Quarantined) != 0 {
		t.Fatalf("changes = %+v, quarantined = %v", r.Changes, r.Quarantined)
	}
	f.shows(drawing(3))
}

func TestABucketThatIsGoneComesBack(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(f *fixture){
		"when a worker starts": func(f *fixture) { f.another(0).mustSync(f.t) },
		"when it is asked to": func(f *fixture) {
			if _, err := f.SyncWith(f.t.Context(), worker.Options{Restock: true}); err != nil {
				f.t.Error(err)
			}
		},
		"with the next new image": func(f *fixture) {
			f.repo.write("assets/eua.svg", drawing(7))
			f.repo.replace("networks/eua.yaml", "id: eua\n", "id: eua\nlogo: {path: assets/eua.svg}\n")
			f.repo.commit("Another logo")
			f.sync()
		},
		"while the commit is held": func(f *fixture) {
			f.repo.replace("networks/eua.yaml", "kind: association", "kind: assoc")
			f.repo.write("assets/leru.svg", drawing(8))
			f.repo.commit("A new logo, and an error")
			strict := f.with(func(c *worker.Config) { c.OnInvalid = worker.Reject })
			if r := strict.mustSync(f.t); !r.Held {
				f.t.Error("the commit is not held")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withLogo(t)
			before := len(f.messages())
			f.dropBucket()
			if _, err := f.reader().Asset(t.Context(), f.logo().Digest); !errors.Is(err, stream.ErrNoAsset) {
				t.Errorf("Asset() = %v", err)
			}
			look(f)
			f.shows(drawing(1))
			for _, m := range f.messages()[before:] {
				if m.Change != nil && m.Change.ID == "leru" {
					t.Errorf("published again: %+v", m.Change)
				}
			}
		})
	}
}

// A sync without changed images asks the broker for none, and an image of
// several records is stored once.
func TestImagesAreStoredOnce(t *testing.T) {
	t.Parallel()
	var stored int
	f := newFixture(t)
	f.syncer = f.with(func(c *worker.Config) { c.Observe.Stored = func(n int) { stored += n } })
	f.sync()
	if _, err := f.js.ObjectStore(t.Context(), stream.AssetBucket("leiden-networks")); err == nil {
		t.Error("a dataset without images has a bucket")
	}
	for i, id := range []string{"leru", "eua", "iau"} {
		f.repo.write("assets/"+id+".svg", drawing(i/2))
		f.repo.replace("networks/"+id+".yaml", "id: "+id+"\n", "id: "+id+"\nlogo: {path: assets/"+id+".svg}\n")
	}
	f.repo.commit("Three logos, two images")
	f.sync()
	f.another(0).mustSync(t)
	f.repo.replace("networks/leru.yaml", "tier: key", "tier: member")
	f.repo.commit("Not the logo")
	f.sync()
	if stored != 2 {
		t.Errorf("%d images were stored", stored)
	}
	s, err := f.js.Stream(t.Context(), stream.AssetStream("leiden-networks"))
	if err != nil || s.CachedInfo().State.Msgs != 4 {
		t.Errorf("the bucket holds %d messages, %v", s.CachedInfo().State.Msgs, err)
	}
}

// Large images are stored in chunks, and an import of many in several batches.
func TestManyLargeImages(t *testing.T) {
	t.Parallel()
	const many = 12
	f := newFixture(t)
	images := make(map[schema.Digest]string)
	for i := range many {
		image := drawing(i) + "<!--" + strings.Repeat("x", schema.MaxImage-200) + "-->"
		images[schema.DigestOf([]byte(image))] = image
		f.repo.write(fmt.Sprintf("assets/%d.svg", i), image)
		f.repo.write(fmt.Sprintf("organizations/o%d.yaml", i), fmt.Sprintf("id: o%d\nname: O%d\nkind: other\nlogo: {path: assets/%d.svg}\n", i, i, i))
	}
	f.repo.commit("Many logos")
	f.sync()
	for digest, want := range images {
		if data, err := f.reader().Asset(t.Context(), digest); err != nil || string(data) != want {
			t.Errorf("%s: %d bytes, %v", digest, len(data), err)
		}
	}
}

func TestAWorkerThatIsCutShortBeforeItPublishesHasStoredImages(t *testing.T) {
	t.Parallel()
	f := withLogo(t)
	f.repo.write("assets/leru.svg", drawing(5))
	f.repo.commit("A new logo")
	ctx, cancel := context.WithCancel(t.Context())
	short := f.with(func(c *worker.Config) { c.Observe.Stored = func(int) { cancel() } })
	if _, err := short.Sync(ctx); err == nil {
		t.Error("nothing failed")
	}
	f.shows(drawing(1))
	if _, err := f.reader().Asset(t.Context(), schema.DigestOf([]byte(drawing(5)))); err != nil {
		t.Error(err)
	}
	f.another(0).mustSync(t)
	f.shows(drawing(5))
}

func TestADamagedImageIsPutBack(t *testing.T) {
	t.Parallel()
	f := withLogo(t)
	const other = `{"nuid":"other","size":7}`
	if _, err := f.js.Publish(t.Context(), stream.MetaSubject("leiden-networks", f.logo().Digest), []byte(other)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.reader().Asset(t.Context(), f.logo().Digest); !errors.Is(err, stream.ErrNoAsset) {
		t.Errorf("Asset() = %v", err)
	}
	if _, err := f.SyncWith(t.Context(), worker.Options{Restock: true}); err != nil {
		t.Error(err)
	}
	f.shows(drawing(1))
}
