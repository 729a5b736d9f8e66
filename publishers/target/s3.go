package target

import (
	"context"
	"crypto/md5" // of which most ETags are
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"netsync/publishers/release"
	"netsync/schema/event"
)

// An S3Config is the configuration of an S3 target.
type S3Config struct {
	Label                string // name of the target
	URL                  string // https://endpoint/bucket/prefix
	Region               string
	AccessKey, SecretKey string
	Transport            http.RoundTripper // nil means http.DefaultTransport
}

// Validate returns an error for a missing setting.
func (c S3Config) Validate() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" || c.Label == "" || c.AccessKey == "" || c.SecretKey == "" {
		return errors.New("target: an S3 target needs a name, https://endpoint/bucket and its keys")
	}
	return nil
}

// S3 is a bucket of S3-compatible storage, or a folder in it. Objects change one by one, in
// an order in which no page links to a missing one.
type S3 struct {
	S3Config
	client         *minio.Client
	bucket, prefix string // the prefix is "" or ends with a slash

	mu   sync.Mutex
	step func(name string) error // a test ends a push between two steps
}

var _ Target = (*S3)(nil)

// s3Retries is the number of times that the client repeats a request; a Pusher retries after
// that.
const s3Retries = 3

// NewS3 returns a target. It makes no request.
func NewS3(c S3Config) (*S3, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: u.Scheme == "https",
		Region: c.Region, Transport: c.Transport, MaxRetries: s3Retries,
	})
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	s := &S3{S3Config: c, client: client, step: func(string) error { return nil }}
	s.bucket, s.prefix, _ = strings.Cut(strings.Trim(u.Path, "/"), "/")
	if s.prefix != "" {
		s.prefix += "/"
	}
	return s, nil
}

// Name implements Target.
func (s *S3) Name() string { return s.Label }

// Address implements Target: the address of the bucket.
func (s *S3) Address() string { return s.URL }

func (s *S3) wrapError(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", doing, s.Address(), wrapConflict(s.Address(), err))
}

// Shown implements Target: it reads channel.json of the bucket.
func (s *S3) Shown(ctx context.Context) (event.Position, error) {
	var p event.Position
	data, err := s.get(ctx, positionFile)
	if err == nil && json.Unmarshal(data, &p) != nil {
		p = event.Position{} // it is written again
	}
	return p, s.wrapError("look at", err)
}

// A content identifies the content of an object: its ETag from the storage, and its SHA-256
// from our index.
type content struct{ etag, sum string }

// A bucket lists the objects below the prefix.
type bucket struct {
	there map[string]content // by name: the ETag alone
	ours  map[string]content // as the index says
	raw   []byte             // the index
}

// readBucket lists the bucket and reads our index.
func (s *S3) readBucket(ctx context.Context) (*bucket, error) {
	b := &bucket{there: make(map[string]content)}
	ctx, cancel := context.WithCancel(ctx) // ends the listing
	defer cancel()
	for object := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if object.Err != nil {
			return nil, object.Err
		}
		if name := strings.TrimPrefix(object.Key, s.prefix); name != "" && !strings.HasSuffix(name, "/") {
			b.there[name] = content{etag: strings.Trim(object.ETag, `"`)}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := s.get(ctx, oursFile)
	if err != nil {
		return nil, err
	}
	_, is := b.there[oursFile]
	delete(b.there, oursFile)
	ok := false
	if b.ours, ok = decodeContents(data); is && !ok {
		return nil, &ForeignError{Names: []string{oursFile}}
	}
	b.raw = data
	return b, nil
}

// isSame reports whether an object has the content of a file of the site: the index has its
// ETag or, if it does not, the ETag is the MD5 of the file.
func (b *bucket) isSame(site *Site, name string) (bool, error) {
	f, _ := site.Get(name)
	sum := hex.EncodeToString(f.Sum[:])
	if known, ok := b.ours[name]; ok && known.etag != "" {
		return known.sum == sum && known.etag == b.there[name].etag, nil
	}
	data, err := site.Read(name)
	if err != nil {
		return false, err
	}
	md := md5.Sum(data)
	return hex.EncodeToString(md[:]) == b.there[name].etag, nil
}

// makePlan returns the differences of a site from the bucket.
func (b *bucket) makePlan(site *Site) (plan, error) {
	want, ours := make(names), make(names)
	for name := range site.All() {
		want[name] = true
	}
	for name := range b.ours {
		ours[name] = true
	}
	return planOf(want, b.there, ours, func(name string) (bool, error) { return b.isSame(site, name) })
}

// Compare implements Target: it compares the objects of the bucket with the site.
func (s *S3) Compare(ctx context.Context, site *Site) ([]release.Difference, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.readBucket(ctx)
	if err != nil {
		return nil, s.wrapError("compare", err)
	}
	var found []release.Difference
	for name := range site.All() {
		if _, is := b.there[name]; !is {
			found = append(found, release.Difference{Kind: release.Missing, Name: name})
			continue
		}
		same, err := b.isSame(site, name)
		if err != nil {
			return nil, s.wrapError("compare", err)
		}
		if !same {
			found = append(found, release.Difference{Kind: release.Changed, Name: name})
		}
	}
	for name := range b.ours {
		_, is := b.there[name]
		if _, wanted := site.Get(name); is && !wanted {
			found = append(found, release.Difference{Kind: release.Extra, Name: name})
		}
	}
	slices.SortFunc(found, func(a, b release.Difference) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

func (s *S3) objectKey(name string) string { return path.Join(s.prefix, name) }
