package target_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"netsync/publishers/target"
)

// files are the objects below a prefix.
func (s *s3Server) files(prefix string) map[string]string {
	s.t.Helper()
	files := make(map[string]string)
	for object := range s.client.ListObjects(s.t.Context(), "site", minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			s.t.Fatal(object.Err)
		}
		if !strings.HasSuffix(object.Key, "/") {
			files[strings.TrimPrefix(object.Key, prefix)] = s.get(object.Key)
		}
	}
	return files
}

func (s *s3Server) get(key string) string {
	s.t.Helper()
	object, err := s.client.GetObject(s.t.Context(), "site", key, minio.GetObjectOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer object.Close()
	data, err := io.ReadAll(object)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// alter has somebody else write and remove.
func (s *s3Server) alter(prefix string, changes map[string]*string) {
	s.t.Helper()
	for name, content := range changes {
		var err error
		if content == nil {
			err = s.client.RemoveObject(s.t.Context(), "site", prefix+name, minio.RemoveObjectOptions{})
		} else {
			_, err = s.client.PutObject(s.t.Context(), "site", prefix+name, strings.NewReader(*content), int64(len(*content)), minio.PutObjectOptions{})
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *s3Server) target(t testing.TB, prefix string) *target.S3 {
	t.Helper()
	made, err := target.NewS3(target.S3Config{
		Label: "s3", URL: "http://" + s.address + "/site/" + strings.TrimSuffix(prefix, "/"), Region: "us-east-1",
		AccessKey: accessKey, SecretKey: secretKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestS3Target(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]string{"a bucket": "", "a folder in a bucket": "public/site/"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3Server(t)
			s.alter("", map[string]*string{"elsewhere.txt": text("x")})
			testTarget(t, &place{
				open:  func(t *testing.T) target.Target { return s.target(t, prefix) },
				files: func(t *testing.T) map[string]string { return s.files(prefix) },
				alter: func(t *testing.T, changes map[string]*string) { s.alter(prefix, changes) },
				reach: func(t *testing.T, up bool) {
					if up {
						s.start()
					} else {
						s.stop()
					}
				},
				steps: []string{"upload", "uploaded", "removed"},
			})
			if s.get("elsewhere.txt") != "x" {
				t.Error("what lies elsewhere was touched")
			}
		})
	}
}

func TestObjectsAreServedAsTheHTTPServerDoes(t *testing.T) {
	t.Parallel()
	s, l := newS3Server(t), newLocal(t)
	write(t, l.feed, map[string]string{"feed.json": "{}", "feed.xml": "<feed/>"})
	site := l.flip(map[string]string{"index.html": "x", "assets/site.0123456789ab.css": "x", "data/networks.json": "[]", "data/networks.csv": "x", "sitemap.xml": "x"})
	if _, err := s.target(t, "").Push(t.Context(), site, false, explainPush(site)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"index.html":                   {"text/html; charset=utf-8", "no-cache"},
		"assets/site.0123456789ab.css": {"text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		"data/networks.json":           {"application/json", "no-cache"},
		"data/networks.csv":            {"text/csv; charset=utf-8", "no-cache"},
		"sitemap.xml":                  {"application/xml; charset=utf-8", "no-cache"},
		"feed.json":                    {"application/feed+json; charset=utf-8", "no-cache"},
		"feed.xml":                     {"application/atom+xml; charset=utf-8", "no-cache"},
	} {
		info, err := s.client.StatObject(t.Context(), "site", name, minio.StatObjectOptions{})
		if got := []string{info.ContentType, info.Metadata.Get("Cache-Control")}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s has %q, %v, want %q", name, got, err, want)
		}
	}
}
