package target

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"netsync/schema/shared"
)

// parallel is the number of concurrent uploads.
const parallel = 8

// Push implements Target: it uploads the differences. It lists new objects in our index
// before it uploads them, so that the next push completes an interrupted one.
func (s *S3) Push(ctx context.Context, site *Site, _ bool, _ Explain) (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.readBucket(ctx)
	if err != nil {
		return false, s.wrapError("push to", err)
	}
	p, err := b.makePlan(site)
	if err != nil {
		return false, s.wrapError("push to", err)
	}
	changed, err = s.applyPlan(ctx, b, site, p)
	return changed, s.wrapError("push to", err)
}

// applyPlan writes and removes files, in an order that gives readers no broken links.
func (s *S3) applyPlan(ctx context.Context, b *bucket, site *Site, p plan) (changed bool, err error) {
	next := maps.Clone(b.ours)
	for name := range site.All() {
		f, _ := site.Get(name)
		sum := hex.EncodeToString(f.Sum[:])
		if known := next[name]; known.etag == "" || known.sum != sum {
			next[name] = content{sum: sum, etag: b.there[name].etag}
		}
	}
	for _, name := range p.write {
		next[name] = content{sum: next[name].sum} // not confirmed yet
	}
	if len(p.write) > 0 {
		if err := s.putIndex(ctx, b, next); err != nil {
			return false, err
		}
		if err := s.step("upload"); err != nil {
			return false, err
		}
	}
	for _, group := range groupByRank(p.write) {
		if err := s.uploadFiles(ctx, site, group, next); err != nil {
			return false, err
		}
		if err := s.step("uploaded"); err != nil {
			return false, err
		}
	}
	if err := s.remove(ctx, p.remove); err != nil {
		return false, err
	}
	for name := range next {
		if _, wanted := site.Get(name); !wanted {
			delete(next, name)
		}
	}
	if err := s.step("removed"); err != nil {
		return false, err
	}
	before := b.raw
	return len(p.write)+len(p.remove) > 0 || !bytes.Equal(before, encodeContents(next)), s.putIndex(ctx, b, next)
}

// recordPage matches the page of a record, which is uploaded before pages that link to
// it.
var recordPage = regexp.MustCompile(`(^|/)(networks|organizations|activities)/[^/]+/index\.html$`)

// groupByRank groups names in the order of writing: assets and records, then pages that
// link to them, then the index of the edition.
func groupByRank(all []string) [][]string {
	var groups [3][]string
	for _, name := range all {
		rank := 1
		switch {
		case name == positionFile:
			rank = 2
		case strings.HasPrefix(name, "assets/"), recordPage.MatchString(name), strings.Count(name, "/") > 1 && strings.HasPrefix(name, "data/"):
			rank = 0
		}
		groups[rank] = append(groups[rank], name)
	}
	return slices.DeleteFunc(groups[:], func(group []string) bool { return len(group) == 0 })
}

// uploadFiles uploads files of the site, and records their ETags.
func (s *S3) uploadFiles(ctx context.Context, site *Site, group []string, next map[string]content) error {
	var mu sync.Mutex
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(parallel)
	for _, name := range group {
		running.Go(func() error {
			data, err := site.Read(name)
			if err != nil {
				return err
			}
			etag, err := s.put(ctx, name, data)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			next[name] = content{etag: etag, sum: next[name].sum}
			return nil
		})
	}
	return running.Wait()
}

func (s *S3) put(ctx context.Context, name string, data []byte) (etag string, err error) {
	info, err := s.client.PutObject(ctx, s.bucket, s.objectKey(name), bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{
		ContentType: contentType(name), CacheControl: shared.CacheControl(name), DisableMultipart: true, SendContentMd5: true,
	})
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return strings.Trim(info.ETag, `"`), nil
}

// get reads an object; it returns nil if there is none.
func (s *S3) get(ctx context.Context, name string) ([]byte, error) {
	object, err := s.client.GetObject(ctx, s.bucket, s.objectKey(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer object.Close()
	data, err := io.ReadAll(io.LimitReader(object, maxAnswer))
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}

func (s *S3) remove(ctx context.Context, all []string) error {
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(parallel)
	for _, name := range all {
		running.Go(func() error {
			if err := s.client.RemoveObject(ctx, s.bucket, s.objectKey(name), minio.RemoveObjectOptions{}); err != nil {
				return fmt.Errorf("remove %s: %w", name, err)
			}
			return nil
		})
	}
	return running.Wait()
}

// putIndex writes our index if it changed.
func (s *S3) putIndex(ctx context.Context, b *bucket, next map[string]content) error {
	data := encodeContents(next)
	if bytes.Equal(data, b.raw) {
		return nil
	}
	if _, err := s.put(ctx, oursFile, data); err != nil {
		return err
	}
	b.raw = data
	return nil
}

// contentType returns the media type of a file, the same as that of netsync's own server.
func contentType(name string) string {
	if name == oursFile {
		return "text/plain; charset=utf-8"
	}
	return shared.MediaType(name)
}
