package publishers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers"
	"netsync/publishers/publishertest"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/stream"
	"netsync/schema/stream/streamtest"
)

// A gallery is a channel that shows logos.
type gallery struct {
	position event.Position
	logos    map[schema.RecordID]string
	editions int
}

func (g *gallery) Name() string                                     { return "gallery" }
func (g *gallery) Position(context.Context) (event.Position, error) { return g.position, nil }

func (g *gallery) Publish(ctx context.Context, e publishers.Edition) error {
	logos := make(map[schema.RecordID]string)
	for r := range e.State.All() {
		logo, ok, err := schema.LogoOf(r)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		data, err := e.Asset(ctx, logo.Digest)
		if err != nil {
			return fmt.Errorf("hang pictures: %w", err)
		}
		logos[r.ID] = string(data)
	}
	g.position, g.logos = e.Position, logos
	g.editions++
	return nil
}

var leiden = schema.RecordID{Collection: schema.Organizations, ID: "leiden"}

func withLogo(colour string) publishertest.Revision {
	return publishertest.Revision{
		ID: leiden.String(), Value: map[string]any{"name": "Leiden University", "kind": "university"}, Logo: publishertest.Logo(colour),
	}
}

func build(t *testing.T, js jetstream.JetStream) (*gallery, error) {
	t.Helper()
	reader, err := stream.Open(t.Context(), js, publishertest.Dataset)
	if err != nil {
		t.Fatal(err)
	}
	g := &gallery{}
	_, err = publishers.Build(t.Context(), g, reader, 0)
	return g, err
}

func TestChannelsGetTheBytesOfImages(t *testing.T) {
	t.Parallel()
	js := streamtest.JetStream(t)
	history := publishertest.NewHistory(t, js)
	history.Commit(false, withLogo("blue"))
	history.Commit(false, withLogo("red"))
	g, err := build(t, js)
	if err != nil || g.logos[leiden] != publishertest.Logo("red") {
		t.Fatalf("the gallery shows %q, %v", g.logos[leiden], err)
	}
}

func TestAnImageThatIsMissingOrDamagedIsNamed(t *testing.T) {
	t.Parallel()
	js := streamtest.JetStream(t)
	history := publishertest.NewHistory(t, js)
	history.Commit(false, withLogo("blue"))
	digest := schema.DigestOf([]byte(publishertest.Logo("blue")))
	if _, err := js.Publish(t.Context(), stream.MetaSubject(publishertest.Dataset, digest), []byte(`{"nuid":"other","size":7}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), stream.ChunkSubject(publishertest.Dataset, "other"), []byte("rotten!")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"damaged", "does not have the image\n"} {
		g, err := build(t, js)
		if err == nil || g.editions > 0 {
			t.Fatal("the edition was published without its image")
		}
		for _, word := range []string{want, string(digest), leiden.String()} {
			if !strings.Contains(err.Error()+"\n", word) {
				t.Errorf("the error does not say %q: %v", word, err)
			}
		}
		if !errors.Is(err, stream.ErrNoAsset) {
			t.Errorf("this is no ErrNoAsset: %v", err)
		}
		_ = js.DeleteObjectStore(t.Context(), stream.AssetBucket(publishertest.Dataset)) // once
	}
}

// Only the images of the latest state of a long history need to exist.
func TestAStepThroughHistoryNeedsNoImagesOfThePast(t *testing.T) {
	t.Parallel()
	const many = 20_100 // more than one edition brings
	js := streamtest.JetStream(t)
	history := publishertest.NewHistory(t, js)
	revisions := []publishertest.Revision{withLogo("blue")}
	for i := range many {
		revisions = append(revisions, publishertest.Revision{ID: fmt.Sprintf("organizations/o%d", i), Value: map[string]any{"name": "O", "kind": "other"}})
	}
	history.Commit(true, revisions...)
	if err := js.DeleteObjectStore(t.Context(), stream.AssetBucket(publishertest.Dataset)); err != nil {
		t.Fatal(err)
	}
	last := history.Commit(false, withLogo("red"))
	g, err := build(t, js)
	if err != nil || g.editions != 1 || g.position != last || g.logos[leiden] != publishertest.Logo("red") {
		t.Fatalf("the gallery shows %q in edition %d at %+v, %v", g.logos[leiden], g.editions, g.position, err)
	}
}
