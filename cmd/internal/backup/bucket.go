package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// A bucket is a Place in S3-compatible storage. AWS's environment variables
// give its address and keys: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL,
// AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
// on a machine of AWS, its role.
type bucket struct {
	client       *minio.Client
	name, prefix string // the prefix is "" or ends with a slash
}

const awsEndpoint = "https://s3.amazonaws.com"

func openBucket(address string) (Place, error) {
	name, prefix, _ := strings.Cut(strings.TrimPrefix(address, s3Scheme), "/")
	if name == "" {
		return nil, fmt.Errorf("backup to %s: write s3://BUCKET/FOLDER", address)
	}
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	endpoint := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"), awsEndpoint)
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("backup to %s: AWS_ENDPOINT_URL is %q; write it as https://HOST", address, endpoint)
	}
	keys := credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{Client: &http.Client{Timeout: 5 * time.Second}},
	})
	client, err := minio.New(u.Host, &minio.Options{
		Creds: keys, Secure: u.Scheme == "https", MaxRetries: 3,
		Region: cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
	})
	if err != nil {
		return nil, fmt.Errorf("backup to %s: %w", address, err)
	}
	return &bucket{client, name, prefix}, nil
}

func (b *bucket) String() string { return s3Scheme + b.name + "/" + b.prefix }

func (b *bucket) wrapError(doing, name string, err error) error {
	if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
		err = errors.Join(fs.ErrNotExist, err)
	}
	return fmt.Errorf("%s %s%s: %w", doing, b, name, err)
}

// Put first writes to a local file: an object needs its size, and is stored
// whole or not at all.
func (b *bucket) Put(ctx context.Context, name string, write func(io.Writer) error) (kept Kept, err error) {
	file, err := os.CreateTemp("", "netsync-backup-*") // 0600
	if err != nil {
		return kept, fmt.Errorf("write the backup: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := write(file); err != nil {
		return kept, err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return kept, fmt.Errorf("write the backup: %w", err)
	}
	info, err := b.client.PutObject(ctx, b.name, b.prefix+name, file, size, minio.PutObjectOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return kept, b.wrapError("store", name, err)
	}
	return Kept{name, info.Size, time.Now()}, nil
}

func (b *bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err == nil {
		_, err = object.Stat() // sends the request
	}
	if err != nil {
		return nil, b.wrapError("read", name, err)
	}
	return object, nil
}

func (b *bucket) List(ctx context.Context, prefix string) (all []Kept, err error) {
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix}) {
		if object.Err != nil {
			return nil, b.wrapError("list", prefix, object.Err)
		}
		all = append(all, Kept{strings.TrimPrefix(object.Key, b.prefix), object.Size, object.LastModified})
	}
	return all, nil
}

func (b *bucket) Remove(ctx context.Context, name string) error {
	if err := b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}); err != nil {
		return b.wrapError("remove", name, err)
	}
	return nil
}
