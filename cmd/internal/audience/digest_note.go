package audience

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/process"
	"netsync/publishers/newsletter"
	"netsync/schema/shared"
)

func digestNoteCommand() *cobra.Command {
	var path string
	var from noteSource
	var request process.NoteRequest
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "note [TEXT|-]",
		Short: "Set what stands on top of the next digest, in Markdown, or print it",
		Long: `Set what an editor says on top of the next digest: a text in Markdown, or - to
read it from standard input. Without a text, print what is set.

The note goes with the next digest that is sent, and no other. Where a digest
waits for approval it is put on top of that one, which has another id then:
preview and approve it by the new one. A note alone does not make a digest.`,
		Example: `  netsync digest note 'We meet on **3 December**: [programme](https://example.org/)'
  netsync digest note --file note.md --language nl
  netsync digest note --clear`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if request.Text, err = from.read(cmd.InOrStdin(), args); err != nil {
				return err
			}
			return process.WithSession(cmd.Context(), path, func(ctx context.Context, s *process.Session) error {
				noted, err := s.NoteDigest(ctx, request)
				if err != nil {
					return err
				}
				if asJSON {
					return cli.PrintJSON(cmd.OutOrStdout(), noted)
				}
				return printNoted(cmd.OutOrStdout(), noted, request.Text != nil)
			})
		},
	}
	cli.AddConfigFlag(cmd, &path)
	cmd.Flags().StringVar(&from.file, "file", "", "read the text from a file")
	cmd.Flags().BoolVar(&from.clear, "clear", false, "take the note away")
	cmd.Flags().StringVar(&request.Language, "language", "", "language of the text; the default is the dataset's")
	cli.AddJSONFlag(cmd, &asJSON)
	return cmd
}

// A noteSource is where the text of a note comes from.
type noteSource struct {
	file  string
	clear bool
}

// maxNoteFile bounds what is read; the newsletter says how long a note may be.
const maxNoteFile = 1 << 20

// read returns the text; nil if the command has none, and asks for the note.
func (s noteSource) read(in io.Reader, args []string) (*string, error) {
	given := len(args)
	if s.file != "" {
		given++
	}
	if s.clear {
		given++
	}
	switch {
	case given > 1:
		return nil, cli.UsageError("say one of a text, --file and --clear")
	case given == 0:
		return nil, nil
	case s.clear:
		return new(string), nil
	case s.file != "":
		f, err := os.Open(s.file)
		if err != nil {
			return nil, &cli.Error{Code: cli.ExitUsage, Err: fmt.Errorf("read the note: %w", err)}
		}
		defer f.Close()
		return readNote(f)
	case args[0] == "-":
		return readNote(in)
	}
	return readNote(strings.NewReader(args[0]))
}

// readNote takes nothing for no note: a file may be empty by mistake.
func readNote(r io.Reader) (*string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxNoteFile))
	if err != nil {
		return nil, fmt.Errorf("read the note: %w", err)
	}
	text := string(data)
	if strings.TrimSpace(text) == "" {
		return nil, cli.UsageError("the note is empty; to take the note away, say --clear")
	}
	return &text, nil
}

func printNoted(w io.Writer, noted newsletter.Noted, set bool) error {
	var err error
	switch {
	case !set && noted.Note == "":
		_, err = fmt.Fprintf(w, "The next digest has no note in the language %s.\n", noted.Language)
	case !set:
		_, err = fmt.Fprintln(w, noted.Note)
	case noted.Digest != "":
		_, err = fmt.Fprintf(w, "The note of the digest that waits for approval is %s (%s): netsync digest preview %s\n",
			cmp.Or(describeLength(noted.Note), "taken away"), noted.Language, noted.Digest)
	default:
		_, err = fmt.Fprintf(w, "The note of the next digest is %s (%s).\n", cmp.Or(describeLength(noted.Note), "taken away"), noted.Language)
	}
	return err
}

// describeLength says how long a note is; "" without one.
func describeLength(text string) string {
	if text == "" {
		return ""
	}
	return "set, " + shared.Plural(utf8.RuneCountInString(text), "character")
}
