package target_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"netsync/schema/testkit/npmtest"
	"netsync/schema/testkit/porttest"
)

const (
	accessKey = "netsync"
	secretKey = "s3cret-key"
)

// An s3Server is a Versity S3 gateway on a folder.
type s3Server struct {
	t       *testing.T
	program string
	address string
	folder  string
	cmd     *exec.Cmd
	client  *minio.Client
}

// newS3Server starts a server with the bucket "site", for a test that
// needs "s3".
func newS3Server(t *testing.T) *s3Server {
	t.Helper()
	program := npmtest.Program(t, "s3", "versitygw")
	s := &s3Server{t: t, program: program, address: porttest.Free(t), folder: t.TempDir()}
	for _, sub := range []string{"data", "sidecar"} {
		if err := os.Mkdir(filepath.Join(s.folder, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	s.client, err = minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(s.stop)
	if err := s.client.MakeBucket(t.Context(), "site", minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *s3Server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.program, "--port", s.address, "--access", accessKey, "--secret", secretKey, "--quiet",
		"posix", "--sidecar", filepath.Join(s.folder, "sidecar"), filepath.Join(s.folder, "data"))
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.address)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("versitygw does not start: %v", err)
		}
	}
}

func (s *s3Server) stop() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()         // a kill is no failure
}
