package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Some records show an image, whose width tells its revisions apart.

// hasLogo reports whether a record shows an image: every third does.
func hasLogo(key string) bool { return sha256.Sum256([]byte(key))[0]%3 == 0 }

func logoFile(key string) string {
	_, id, _ := strings.Cut(key, "/")
	return "assets/" + id + ".svg"
}

const imagePart = ", image "

// draw gives a record an image that it never had.
func (d *Dataset) draw(state State, key string) error {
	d.round++
	text, _, _ := strings.Cut(state[key], imagePart)
	state[key] = text + imagePart + fmt.Sprint(d.round)
	return d.put(logoFile(key), fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="1"/>`, d.round))
}

// redraw changes images and no record.
func (d *Dataset) redraw(state State) (string, error) {
	for _, key := range d.pick(state, 5) {
		if hasLogo(key) {
			if err := d.draw(state, key); err != nil {
				return "", err
			}
		}
	}
	return "Draw some", nil
}

// A logo is what a published record says of its image.
type logo struct {
	Digest string
	Width  int
}

// images holds the images that the records of the last changeset show against
// what the broker has of them.
func (j *judge) images(ctx context.Context, js jetstream.JetStream) error {
	for key, l := range j.logos {
		if l == nil {
			continue
		}
		sum, err := objectSum(ctx, js, strings.TrimPrefix(l.Digest, "sha256:"))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
			j.problem("%s shows image %s, which is not there", key, l.Digest)
		case err != nil:
			return fmt.Errorf("read image %s: %w", l.Digest, err)
		case "sha256:"+sum != l.Digest:
			j.problem("%s shows image %s, which has the digest %s", key, l.Digest, sum)
		}
	}
	return nil
}

// objectSum reads an object by what is known of object stores.
func objectSum(ctx context.Context, js jetstream.JetStream, name string) (string, error) {
	const bucket = "netsync-" + ID + "-assets"
	s, err := asked(ctx, func(ctx context.Context) (jetstream.Stream, error) { return js.Stream(ctx, "OBJ_"+bucket) })
	if err != nil {
		return "", err
	}
	m, err := asked(ctx, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return s.GetLastMsgForSubject(ctx, "$O."+bucket+".M."+base64.URLEncoding.EncodeToString([]byte(name)))
	})
	if err != nil {
		return "", err
	}
	var info struct {
		NUID   string
		Chunks int
	}
	if err := json.Unmarshal(m.Data, &info); err != nil {
		return "", err
	}
	sum := sha256.New()
	var seq uint64
	for range info.Chunks {
		m, err := asked(ctx, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
			return s.GetMsg(ctx, seq+1, jetstream.WithGetMsgSubject("$O."+bucket+".C."+info.NUID))
		})
		if err != nil {
			return "", err
		}
		seq = m.Sequence
		sum.Write(m.Data)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// asked asks the broker until it answers. A request that meets a change of
// leaders may get no answer at all, and would wait for as long as there is time.
func asked[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	for {
		limit, cancel := context.WithTimeout(ctx, 2*time.Second)
		answer, err := ask(limit)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return answer, err
		}
	}
}
