package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/publishers"
	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/shared"
	"netsync/schema/stream"
)

// A verification is the result of verify: for each part, whether it agrees with the
// stream, and its differences.
type verification struct {
	Changeset   string        `json:"changeset"`
	StateDigest schema.Digest `json:"state_digest"`
	Records     int           `json:"records"`
	Events      event.Seq     `json:"events"`
	Parts       []part        `json:"parts"`
	OK          bool          `json:"ok"`
}

// A part is the stream, Git, or a channel.
type part struct {
	Name        string   `json:"name"`
	OK          bool     `json:"ok"`
	Differences []string `json:"differences"`
	Note        string   `json:"note,omitempty"`
	// Held says that the channel is held at an older changeset. That is no
	// damage, but the part does not agree with the stream.
	Held *publishers.Hold `json:"held,omitempty"`
}

func verifyCommand() *cobra.Command {
	var path, archive, keyFile string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that Git, the stream, its images and every channel agree; exit 1 and the difference where they do not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if archive != "" {
				return verifyBackup(cmd.Context(), cmd.OutOrStdout(), archive, keyFile, asJSON)
			}
			return process.WithSession(cmd.Context(), path, func(ctx context.Context, s *process.Session) error {
				v, err := verifyAll(ctx, s)
				if err != nil {
					return err
				}
				return v.reportResult(cmd.OutOrStdout(), asJSON)
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cli.AddJSONFlag(cmd, &asJSON)
	cmd.Flags().StringVar(&archive, "backup", "", "prove instead that this backup, a `file` or s3://BUCKET/FOLDER/FILE, can be restored")
	cmd.Flags().StringVar(&keyFile, "key-file", "", "`file` with the secret key that the backup is encrypted to")
	return cmd
}

// settleLimit is how long channels of a running process may take to show what
// was published a moment ago.
const settleLimit = 30 * time.Second

func verifyAll(ctx context.Context, s *process.Session) (*verification, error) {
	reader, err := s.OpenStream(ctx)
	if errors.Is(err, stream.ErrNoStream) {
		return nil, &cli.Error{Code: cli.ExitData, Err: errors.New("nothing has been published yet; run netsync sync")}
	}
	if err != nil {
		return nil, err
	}
	fold, last, streamPart, err := verifyStream(ctx, reader)
	if err != nil {
		return nil, err
	}
	v := &verification{Events: last, Parts: []part{streamPart}, OK: streamPart.OK}
	if fold == nil || fold.Changeset == nil {
		return v, nil
	}
	v.Changeset, v.StateDigest, v.Records = fold.Changeset.ID, fold.Changeset.StateDigest, fold.State.Len()
	gitPart, err := verifyGit(ctx, s, fold)
	if err != nil {
		return nil, err
	}
	v.add(gitPart)
	if images, ok, err := verifyImages(ctx, reader, &fold.State); err != nil {
		return nil, err
	} else if ok {
		v.add(images)
	}
	if err := waitSettled(ctx, s, fold.Position.Sequence); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "netsync-verify-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to rebuild channels in: %w", err)
	}
	defer os.RemoveAll(scratch)
	roles, err := process.Configured(s.Config, process.ChannelNames())
	if err != nil {
		return nil, err
	}
	for _, name := range roles {
		p, err := verifyChannel(ctx, s, reader, name, fold.Position, scratch)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", name, err)
		}
		v.add(p)
	}
	if slices.Contains(roles, process.RoleWebsite) {
		return v, verifyTargets(ctx, s, v)
	}
	return v, nil
}

func (v *verification) add(p part) {
	v.Parts = append(v.Parts, p)
	v.OK = v.OK && p.OK
}

// heldOnly says that nothing is wrong but that channels are held.
func (v *verification) heldOnly() bool {
	return !slices.ContainsFunc(v.Parts, func(p part) bool { return !p.OK && (p.Held == nil || len(p.Differences) > 0) })
}

// waitSettled waits until the channels of running processes show a changeset. It
// ignores one that does not, which verifyChannel reports.
func waitSettled(ctx context.Context, s *process.Session, seq event.Seq) error {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	if _, err := s.WaitElsewhere(ctx, seq); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// reportResult prints the result. The error is cli.ErrData if not all agree.
func (v *verification) reportResult(w io.Writer, asJSON bool) error {
	if !asJSON {
		v.print(w)
	} else if err := cli.PrintJSON(w, v); err != nil {
		return err
	}
	if !v.OK {
		return cli.ErrData
	}
	return nil
}

func (v *verification) print(w io.Writer) {
	for _, p := range v.Parts {
		verdict := "agrees"
		if !p.OK {
			verdict = "DIFFERS"
		}
		if p.Held != nil && len(p.Differences) == 0 {
			verdict = "HELD"
		}
		fmt.Fprintf(w, "%-11s %s", p.Name, verdict)
		if p.Note != "" {
			fmt.Fprintf(w, "  (%s)", p.Note)
		}
		fmt.Fprintln(w)
		for _, d := range p.Differences {
			fmt.Fprintf(w, "            %s\n", d)
		}
	}
	if v.OK {
		fmt.Fprintf(w, "All agree on changeset %s: %s, state %s.\n", v.Changeset, shared.Plural(v.Records, "record"), v.StateDigest)
	} else if v.heldOnly() {
		fmt.Fprintf(w, "All agree on changeset %s but what is held.\n", v.Changeset)
	} else {
		fmt.Fprintln(w, "They do not agree. netsync rebuild mends a channel from the stream.")
	}
}
