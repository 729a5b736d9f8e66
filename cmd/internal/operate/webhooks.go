package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/ops"
	"netsync/cmd/internal/process"
	"netsync/publishers/delivery"
	"netsync/schema/stream"
)

func webhooksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhooks",
		Short: "List the endpoints that receive changes, and repeat deliveries that were given up",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return cli.UsageError("say webhooks list or webhooks replay")
		},
	}
	cmd.AddCommand(webhooksListCommand(), webhooksReplayCommand())
	return cmd
}

// An endpointState is an endpoint as the commands show it.
type endpointState struct {
	Name  string         `json:"name"`
	Host  string         `json:"host"` // the address may have a secret in it
	State delivery.State `json:"state"`
}

func webhooksListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the endpoints: what waits for each, and what was given up",
		Args:  cobra.NoArgs,
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, _ []string) error {
		all, err := endpointStates(ctx, s)
		if err != nil {
			return err
		}
		return printEndpoints(cmd.OutOrStdout(), all, asJSON)
	})
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

func endpointStates(ctx context.Context, s *process.Session) ([]endpointState, error) {
	endpoints, err := s.NewEndpoints()
	if err != nil {
		return nil, err
	}
	all := []endpointState{}
	for _, e := range endpoints {
		state, err := e.State(ctx)
		if err != nil && !errors.Is(err, stream.ErrNoStream) {
			return nil, err
		}
		all = append(all, endpointState{e.Name, e.Kind.Host(), state})
	}
	return all, nil
}

func printEndpoints(w io.Writer, all []endpointState, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(w, "No endpoint receives changes. Name some with webhooks.endpoints.")
		return nil
	}
	for _, e := range all {
		line := fmt.Sprintf("%-16s %s: %d delivered", e.Name, e.Host, e.State.Made)
		if !e.State.Last.IsZero() {
			line += ", the last " + ops.Ago(e.State.Last, time.Now())
		}
		fmt.Fprintf(w, "%s; %d waiting, %d given up\n", line, len(e.State.Pending), len(e.State.Dead)+e.State.Dropped)
		if !e.State.Gone.IsZero() {
			fmt.Fprintf(w, "  It said %s that it is gone for good (410): nothing is sent to it until netsync webhooks replay %s.\n", ops.Ago(e.State.Gone, time.Now()), e.Name)
		}
		printDeliveries(w, "waiting", e.State.Pending)
		printDeliveries(w, "given up", e.State.Dead)
		if e.State.Dropped > 0 {
			fmt.Fprintf(w, "  %d more were given up and are not kept.\n", e.State.Dropped)
		}
	}
	return nil
}

// maxListed is how many deliveries of a kind are listed of an endpoint.
const maxListed = 20

func printDeliveries(w io.Writer, what string, all []delivery.Delivery) {
	for n, d := range all {
		if n == maxListed {
			fmt.Fprintf(w, "  and %d more %s; --json has all\n", len(all)-n, what)
			return
		}
		fmt.Fprintf(w, "  %s: %s, tried %d times", what, d.ID, d.Attempts)
		if !d.Next.IsZero() && d.Attempts > 0 {
			fmt.Fprintf(w, ", again %s", d.Next.Local().Format(time.DateTime))
		}
		if d.Error != "" {
			fmt.Fprintf(w, ": %s", d.Error)
		}
		fmt.Fprintln(w)
	}
}

func webhooksReplayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay NAME [ID...]",
		Short: "Make deliveries to an endpoint again that were given up: those with the ids, or all",
		Args:  cobra.MinimumNArgs(1),
	}
	process.UseSession(cmd, func(ctx context.Context, s *process.Session, args []string) error {
		endpoints, err := s.NewEndpoints()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(endpoints, func(e *delivery.Endpoint) bool { return e.Name == args[0] })
		if at < 0 {
			return cli.UsageError("there is no endpoint %q in webhooks.endpoints", args[0])
		}
		count, err := endpoints[at].Replay(ctx, args[1:])
		if errors.Is(err, stream.ErrNoStream) {
			return &cli.Error{Code: cli.ExitData, Err: errors.New("nothing has been published yet")}
		}
		if err != nil {
			return err
		}
		printReplayed(cmd.OutOrStdout(), args[0], count)
		return nil
	})
	return cmd
}

func printReplayed(w io.Writer, endpoint string, count int) {
	switch count {
	case 0:
		fmt.Fprintf(w, "No delivery to %s was given up.\n", endpoint)
	case 1:
		fmt.Fprintf(w, "1 delivery to %s waits again; netsync run makes it.\n", endpoint)
	default:
		fmt.Fprintf(w, "%d deliveries to %s wait again; netsync run makes them.\n", count, endpoint)
	}
}
