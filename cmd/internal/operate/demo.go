package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"netsync/cmd/internal/broker"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/mailcatcher"
	"netsync/cmd/internal/process"
	"netsync/config"
)

type demoOptions struct{ dir, listen, nats string }

func demoCommand() *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on the sample dataset, with a mail catcher, to try it out",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return startDemo(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&o.dir, "dir", "netsync-demo", "folder for the dataset, the configuration and the data")
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "address of the website")
	cmd.Flags().StringVar(&o.nats, "nats", "127.0.0.1:4222", "address of the event stream")
	return cmd
}

// mailPath is where the mail catcher shows its mail.
const mailPath = "/mail"

func startDemo(ctx context.Context, o demoOptions, out io.Writer) error {
	if !config.IsLoopbackListen(o.nats) { // before it is written to the configuration
		return cli.UsageError("--nats: %q is not an address of this machine alone, and whoever reaches the embedded server may read it without a password; give a loopback address", o.nats)
	}
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return cli.UsageError("--dir: %w", err)
	}
	o.dir = dir
	lock, err := lockDemo(dir)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // the broker may have done so already
	if err := ensureDataset(ctx, filepath.Join(dir, "dataset")); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w; choose another address with --listen", err)
	}
	defer listener.Close()
	o.listen = listener.Addr().String()

	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	catcher := mailcatcher.New(mailcatcher.Config{Dir: filepath.Join(dir, "mail"), Addr: "127.0.0.1:0"})
	group.Go(func() error { return catcher.Run(ctx) })
	group.Go(func() error {
		defer stop()
		smtp, err := catcher.Addr(ctx)
		if err != nil {
			return err
		}
		return runDemo(ctx, o, lock, smtp, listener, catcher, out)
	})
	return group.Wait()
}

// lockDemo takes the data directory of a demo before anything is written: another
// demo on the same folder must find it unchanged.
func lockDemo(dir string) (*broker.Lock, error) {
	cfg := &config.Config{DataDir: filepath.Join(dir, "data")} // as in demoYAML
	path := filepath.Join(dir, cli.DefaultConfig)
	if _, err := os.Stat(path); err == nil {
		if cfg, err = config.Load(path, demoEnviron("127.0.0.1:25")); err != nil {
			return nil, err
		}
	}
	return broker.Acquire(broker.Config{StoreDir: process.StoreDir(cfg), InfoFile: process.InfoFile(cfg)})
}

func runDemo(ctx context.Context, o demoOptions, lock *broker.Lock, smtp string, listener net.Listener, catcher *mailcatcher.Catcher, out io.Writer) error {
	cfg, err := demoConfig(o, smtp)
	if err != nil {
		return err
	}
	admin, err := process.ListenAdmin(cfg)
	if err != nil {
		return err
	}
	defer admin.Close()
	s, err := process.StartBroker(ctx, cfg, cli.NewLogger(cfg.Log), o.nats, process.SyncAlways, lock)
	if err != nil {
		return err
	}
	mail := catcher.Handler(mailPath)
	mounts := map[string]http.Handler{"GET " + mailPath: mail, "GET " + mailPath + "/": mail}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error {
		return process.RunSession(running, s, process.Listeners{Public: listener, Admin: admin}, nil, mounts)
	})
	group.Go(func() error {
		if err := waitServed(running, "http://"+o.listen+"/readyz"); err != nil {
			return nil // it ended before it was ready, and says so itself
		}
		return printWelcome(out, o, s.Address(), process.AdminAddress(admin))
	})
	return errors.Join(group.Wait(), s.Close())
}

// waitServed waits until an address answers that all is well.
func waitServed(ctx context.Context, url string) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func printWelcome(out io.Writer, o demoOptions, nats, admin string) error {
	base := "http://" + o.listen
	_, err := fmt.Fprintf(out, `netsync demo

  Website      %[1]s/
  JSON feed    %[1]s/feed.json
  Atom feed    %[1]s/feed.xml
  Digests      %[1]s/newsletter/
  Subscribe    %[1]s/newsletter/subscribe
  Mail         %[1]s%[4]s/
  Status       %[1]s/status

For operators:

  Status       %[6]s/status
  Metrics      %[6]s/metrics
  Next digest  %[6]s/newsletter/next.html
  Events       %[2]s  subject netsync.leiden-networks.>
  Dataset      %[3]s

Change something and look at the website:

  edit %[3]s/networks/una-europa.yaml
  git -C %[3]s commit -am "Una Europa has a new member"

Send the digest, and read it at %[1]s%[4]s/:

  netsync digest send -c %[5]s

Press Ctrl-C to end. Started again on the same folder, it goes on from there.
`, base, nats, filepath.Join(o.dir, "dataset"), mailPath, filepath.Join(o.dir, cli.DefaultConfig), admin)
	return err
}

// ensureDataset makes the sample dataset's repository, unless it is there.
func ensureDataset(ctx context.Context, dir string) error {
	_, err := os.Stat(filepath.Join(dir, ".git"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return makeSample(ctx, dir)
}
