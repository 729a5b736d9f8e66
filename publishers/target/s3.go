package target

import (
	"context"
	"crypto/md5" // what an ETag mostly is
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

// An S3Config says which bucket a site is put into.
type S3Config struct {
	Label                string // what the target is called
	URL                  string // https://endpoint/bucket/prefix
	Region               string
	AccessKey, SecretKey string
	Transport            http.RoundTripper // nil is the usual one
}

// Validate reports what is missing.
func (c S3Config) Validate() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" || c.Label == "" || c.AccessKey == "" || c.SecretKey == "" {
		return errors.New("target: an S3 target needs a name, https://endpoint/bucket and its keys")
	}
	return nil
}

// S3 is a bucket of S3-compatible storage, or a folder in it. Objects change
// one by one, in an order in which no page leads to one that is not there.
type S3 struct {
	S3Config
	client         *minio.Client
	bucket, prefix string // the prefix is "" or ends with a slash

	mu   sync.Mutex
	step func(name string) error // a test ends a push between two steps
}

var _ Target = (*S3)(nil)

// s3Retries is how often the client itself repeats a request; a Pusher tries
// again after that.
const s3Retries = 3

// NewS3 makes a target. It starts nothing and asks nothing.
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

// Name is what the target is called.
func (s *S3) Name() string { return s.Label }

// Address is where the bucket is.
func (s *S3) Address() string { return s.URL }

func (s *S3) wrapError(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", doing, s.Address(), wrapConflict(s.Address(), err))
}

// Shown reads what the bucket says that it shows.
func (s *S3) Shown(ctx context.Context) (event.Position, error) {
	var p event.Position
	data, err := s.get(ctx, positionFile)
	if err == nil && json.Unmarshal(data, &p) != nil {
		p = event.Position{} // it is written anew
	}
	return p, s.wrapError("look at", err)
}

// A content is what an object holds: its ETag, as the storage gave it, and its
// SHA-256, as the index of ours says.
type content struct{ etag, sum string }

// A bucket is what lies below the prefix.
type bucket struct {
	there map[string]content // by name: the ETag alone
	ours  map[string]content // as the index says
	raw   []byte             // the index
}

// readBucket lists the bucket and reads our index.
func (s *S3) readBucket(ctx context.Context) (*bucket, error) {
	b := &bucket{there: make(map[string]content)}
	ctx, cancel := context.WithCancel(ctx) // ends the listing in any case
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

// isSame says whether an object holds a file of the site: the index knows which
// ETag the storage gave it or, where the index does not know it, that is the
// MD5 of the file.
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

// Compare lists the bucket and holds it against the site.
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
