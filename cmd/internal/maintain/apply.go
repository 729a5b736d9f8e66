package maintain

import (
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

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/publishers/snapshot"
	"netsync/schema/event"
	"netsync/schema/shared"
)

func applyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "apply COPY SOURCE",
		Short: "Bring a copy of a site's data files up to date with the deltas that the site publishes",
		Long: `Bring a copy of a site's data files up to date. COPY is a folder with the
manifest and the collections as JSON, such as the site's archive has them. SOURCE
is the data folder of the site, by its address or as a folder.

The deltas of the last 90 days are applied one after another. At each of them the
digest of the whole state is compared with the one that was announced: what the
copy is afterwards is, byte for byte, what the site has. After an error the copy
is as it was.`,
		Example: `  curl -O https://www.example.org/networks/data/leiden-networks.zip
  unzip leiden-networks.zip -d copy
  netsync apply copy https://www.example.org/networks/data/`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			source, err := sourceOf(args[1])
			if err != nil {
				return err
			}
			report, err := snapshot.Update(cmd.Context(), args[0], source)
			if err != nil {
				return applyError(args[0], err)
			}
			return printApplied(cmd.OutOrStdout(), report, asJSON)
		},
	}
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

// An outsideError is that a source could not be read.
type outsideError struct{ err error }

func (e *outsideError) Error() string { return e.err.Error() }
func (e *outsideError) Unwrap() error { return e.err }

// applyError says what may be done about it.
func applyError(dir string, err error) error {
	var outside *outsideError
	var mixed *snapshot.MixedError
	again := fmt.Sprintf("download the site's archive again, and unpack it into %s", dir)
	switch {
	case errors.As(err, &outside), errors.Is(err, context.Canceled):
		return &cli.Error{Code: cli.ExitOutside, Err: err}
	case errors.Is(err, snapshot.ErrNoWay), errors.Is(err, snapshot.ErrNotWhole), errors.As(err, &mixed):
		return &cli.Error{Code: cli.ExitData, Err: fmt.Errorf("%w; %s", err, again)}
	case errors.Is(err, fs.ErrNotExist):
		return &cli.Error{Code: cli.ExitUsage, Err: fmt.Errorf("%w; a copy has the manifest and the collections as JSON: %s", err, again)}
	}
	return &cli.Error{Code: cli.ExitData, Err: err}
}

func printApplied(w io.Writer, r snapshot.Report, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, r)
	}
	if r.Deltas == 0 {
		fmt.Fprintf(w, "The copy of %s is up to date: changeset %s, %d records.\n", r.Dataset, r.To, r.Records)
		return nil
	}
	var changes []string
	for _, op := range event.Ops() {
		if n := r.Changes[op]; n > 0 {
			changes = append(changes, fmt.Sprintf("%d %s", n, op))
		}
	}
	fmt.Fprintf(w, "The copy of %s went from changeset %s to %s: %s.\n", r.Dataset, r.From, r.To,
		strings.Join(append([]string{shared.Plural(r.Deltas, "delta")}, changes...), ", "))
	fmt.Fprintf(w, "%d records; state %s, as announced.\n", r.Records, r.StateDigest)
	if len(r.Stale) > 0 {
		fmt.Fprintf(w, "Not brought up to date: %s. Deltas speak of records alone.\n", strings.Join(r.Stale, ", "))
	}
	return nil
}

// sourceOf reads data files of a site by its address, or in a folder.
func sourceOf(where string) (snapshot.Source, error) {
	if !strings.Contains(where, "://") {
		if info, err := os.Stat(where); err != nil || !info.IsDir() {
			return nil, cli.UsageError("SOURCE %q is no folder, and no address that begins with https://", where)
		}
		folder := os.DirFS(where)
		return func(_ context.Context, name string) ([]byte, error) {
			data, err := fs.ReadFile(folder, name)
			if err != nil {
				return nil, &outsideError{fmt.Errorf("read the deltas: %w", err)}
			}
			return data, nil
		}, nil
	}
	base, err := url.Parse(where)
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" {
		return nil, cli.UsageError("SOURCE %q is no address that begins with https://", where)
	}
	client := &http.Client{Timeout: 5 * time.Minute}
	return func(ctx context.Context, name string) ([]byte, error) {
		data, err := get(ctx, client, base.JoinPath(name).String())
		if err != nil {
			return nil, &outsideError{fmt.Errorf("read the deltas: %w", err)}
		}
		return data, nil
	}, nil
}

// maxFetched is how large a file of a site may be.
const maxFetched = 1 << 30

func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "netsync")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFetched+1))
	if err == nil && len(data) > maxFetched {
		err = fmt.Errorf("%s has more than %d bytes", address, maxFetched)
	}
	return data, err
}
