package maintain

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/worker/validate"
)

func rulesCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rules [RULE]",
		Short: "List the rules that a dataset is held to, or explain one: netsync rules NS012",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listRules(cmd.OutOrStdout(), validate.Rules(), asJSON)
			}
			rule, ok := validate.Find(args[0])
			if !ok {
				return noRule(args[0])
			}
			if asJSON {
				return listRules(cmd.OutOrStdout(), []validate.Rule{rule}, asJSON)
			}
			_, err := io.WriteString(cmd.OutOrStdout(), validate.Page(rule))
			return err
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, r := range validate.Rules() {
				codes = append(codes, r.Code+"\t"+r.Name)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

func noRule(name string) error {
	if near := validate.Suggest(name); near != "" {
		return cli.UsageError("there is no rule %q; did you mean %s?", name, near)
	}
	return cli.UsageError("there is no rule %q; netsync rules lists them", name)
}

func listRules(w io.Writer, rules []validate.Rule, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, struct {
			Rules []validate.Rule `json:"rules"`
		}{rules})
	}
	for _, r := range rules {
		if _, err := fmt.Fprintf(w, "%s  %-7s  %-21s %s\n", r.Code, r.Severity, r.Name, r.Summary); err != nil {
			return err
		}
	}
	return nil
}
