package backup

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"netsync/publishers/publishertest"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
	"netsync/schema/testkit/porttest"
)

// startS3 starts a Versity S3 gateway with the bucket "backups", for a test that
// needs "s3", and sets its keys in the environment.
func startS3(t *testing.T) {
	t.Helper()
	program := npmtest.Program(t, "s3", "versitygw")
	dir, address := t.TempDir(), porttest.Free(t)
	for _, sub := range []string{"data", "sidecar"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "--port", address, "--access", "netsync", "--secret", "s3cret-key", "--quiet",
		"posix", "--sidecar", filepath.Join(dir, "sidecar"), filepath.Join(dir, "data"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // a kill is no failure
	})
	streamtest.Eventually(t, "versitygw to listen", func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil
	})
	client, err := minio.New(address, &minio.Options{Creds: credentials.NewStaticV4("netsync", "s3cret-key", ""), Region: "us-east-1"})
	if err == nil {
		err = client.MakeBucket(t.Context(), "backups", minio.MakeBucketOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": "http://" + address, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "netsync", "AWS_SECRET_ACCESS_KEY": "s3cret-key",
	} {
		t.Setenv(name, value)
	}
}

func TestABackupInABucket(t *testing.T) {
	startS3(t)
	from, key := newSystem(t), newKey(t)
	place, err := Open("s3://backups/a/folder")
	if err != nil {
		t.Fatal(err)
	}
	var last string
	for range 3 {
		_, kept, err := from.source(key.Recipient()).Create(t.Context(), place, "")
		if err != nil || kept.Bytes == 0 {
			t.Fatal(kept, err)
		}
		last = kept.Name
	}
	from.leave(t, "ada@example.org")
	if err := KeepErased(t.Context(), from.js, place, publishertest.Dataset); err != nil {
		t.Fatal(err)
	}
	if err := Prune(t.Context(), place, publishertest.Dataset, 2); err != nil {
		t.Fatal(err)
	}
	if all, err := Archives(t.Context(), place, publishertest.Dataset); err != nil || len(all) != 2 || all[0].Name != last {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := Verify(t.Context(), place, "missing", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a backup that is not there: %v", err)
	}
	folder, name := Split("s3://backups/a/folder/" + last)
	if place, err = Open(folder); err != nil {
		t.Fatal(err)
	}
	if r := restoreBackup(t, target(t, key), place, name); r.Erased != 1 || r.Manifest.Sequence != 4 {
		t.Errorf("%+v", r)
	}
}
