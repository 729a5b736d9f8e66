package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

const manifest = `schema: netsync/v1
id: bench
title: Many networks
languages: [en]
vocabularies:
  regions: {europe: Europe, africa: Africa}
  topics: {water: Water, energy: Energy}
`

// makeRepository makes a bare repository of records in 256 folders, with one
// commit on main.
func makeRepository(ctx context.Context, dir string, records int) error {
	if out, err := exec.CommandContext(ctx, "git", "init", "--quiet", "--bare", "--initial-branch=main", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("git init: %w: %s", err, out)
	}
	return fastImport(ctx, dir, func(w io.Writer) {
		begin(w, "main", "", "Begin")
		file(w, "dataset.yaml", manifest)
		for i := range records {
			file(w, path(i), record(i, 11))
		}
	})
}

// changeOne commits one changed record to main.
func changeOne(ctx context.Context, dir string, round int) error {
	return fastImport(ctx, dir, func(w io.Writer) {
		begin(w, "main", "main", fmt.Sprintf("Round %d", round))
		file(w, path(round*37), record(round*37, 12+round))
	})
}

func fastImport(ctx context.Context, dir string, write func(io.Writer)) error {
	cmd := exec.CommandContext(ctx, "git", "-C", dir, "fast-import", "--quiet", "--force")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git fast-import: %w", err)
	}
	w := bufio.NewWriter(in)
	write(w)
	if err := w.Flush(); err != nil {
		return err
	}
	if err := in.Close(); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("git fast-import: %w", err)
	}
	return nil
}

func begin(w io.Writer, branch, from, message string) {
	fmt.Fprintf(w, "commit refs/heads/%s\ncommitter Bench <bench@example.org> 1795478400 +0000\ndata %d\n%s\n", branch, len(message), message)
	if from != "" {
		fmt.Fprintf(w, "from refs/heads/%s^0\n", from)
	}
}

func file(w io.Writer, name, content string) {
	fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", name, len(content), content)
}

func id(i int) string { return fmt.Sprintf("network-%06d", i) }

func path(i int) string { return fmt.Sprintf("networks/%02x/%s.yaml", i%256, id(i)) }

// record is one of about 1.6 KB, as an institution's own are.
func record(i, members int) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "id: %s\nname: {en: Network number %d}\nacronym: N%d\ntier: member\norder: %d\nkind: association\n", id(i), i, i, i)
	fmt.Fprintf(&b, "purposes: [collaboration, knowledge-sharing]\nfounded: %d\nmembership: {role: member, since: 2012}\n", 1900+i%120)
	fmt.Fprintf(&b, "members: {count: %d, as_of: 2026-11}\ncountries: {count: %d}\nregions: [europe, africa]\ntopics: [water, energy]\n", members, i%50)
	fmt.Fprintf(&b, "links:\n  - {rel: homepage, url: \"https://example.org/%d\", title: {en: Home page}}\n", i)
	fmt.Fprintf(&b, "summary: {en: \"%s\"}\n", strings.Repeat("A sentence of a summary. ", 12))
	fmt.Fprintf(&b, "description:\n  en: |\n    %s\n", strings.Repeat("What the network does, and what the university does in it. ", 14))
	return b.String()
}
