package target

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// makeCommit makes a commit of an edit. It does not read unchanged trees.
func (g *Git) makeCommit(ctx context.Context, e *edit) (string, error) {
	read, write := io.Pipe()
	wrote := make(chan error, 1)
	go func() {
		err := g.writeStream(write, e)
		_ = write.CloseWithError(err) // it never fails
		wrote <- err
	}()
	out, err := g.run(ctx, read, "fast-import", "--quiet", "--done", "--force", "--date-format=raw")
	read.Close() // if git ended early, writing ends too
	if wroteErr := <-wrote; wroteErr != nil && !errors.Is(wroteErr, io.ErrClosedPipe) {
		return "", wroteErr
	}
	return strings.TrimSpace(string(out)), err
}

// writeStream writes an edit as git-fast-import(1) reads it.
func (g *Git) writeStream(w io.Writer, e *edit) error {
	b := bufio.NewWriter(w)
	who := fmt.Sprintf("%s <%s> %d +0000", g.AuthorName, g.AuthorEmail, e.message.Time.Unix())
	fmt.Fprintf(b, "commit %s\nmark :1\nauthor %s\ncommitter %s\n", nextRef, who, who)
	writeData(b, []byte(e.message.formatMessage(e.view.Position)))
	if e.tip != "" {
		fmt.Fprintf(b, "from %s\n", e.tip)
	}
	for _, name := range e.remove {
		fmt.Fprintf(b, "D %s\n", g.quotePath(name))
	}
	err := e.eachFile(func(name string, data []byte) error {
		fmt.Fprintf(b, "M %s inline %s\n", plainFile, g.quotePath(name))
		writeData(b, data)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprint(b, "\nget-mark :1\ndone\n")
	return b.Flush()
}

func writeData(b *bufio.Writer, data []byte) {
	fmt.Fprintf(b, "data %d\n", len(data))
	_, _ = b.Write(data) // Flush returns the error
	fmt.Fprintln(b)
}

var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// quotePath returns a file's path from the root of the repository, in quotes.
func (g *Git) quotePath(name string) string {
	return `"` + quotes.Replace(path.Join(g.Path, name)) + `"`
}
