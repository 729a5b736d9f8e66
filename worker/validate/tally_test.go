package validate_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"netsync/schema"
	"netsync/schema/testkit/corpora"
	"netsync/worker/snapshot"
	"netsync/worker/validate"
	"netsync/worker/yaml"
)

// findingsOf checks a document by the rules for one file.
func findingsOf(d *yaml.Document, id schema.RecordID) []schema.Finding {
	return validate.Document(d, id, schema.Context{Language: "en", Languages: []string{"en", "nl"}})
}

// retries is how often an input is measured again that took too long.
const retries = 3

// A tally counts what became of hostile inputs. Whatever they are, each must
// be answered in time, without a panic, and with a place for what is wrong.
type tally struct {
	mu                                  sync.Mutex
	inputs, refused, unplaced, panicked int
	slowest                             time.Duration
	slowestInput                        string
}

func (c *tally) String() string {
	return fmt.Sprintf("%d inputs, %d panics, slowest %v (%s), %d refused, %d without a place",
		c.inputs, c.panicked, c.slowest.Round(time.Microsecond), c.slowestInput, c.refused, c.unplaced)
}

// try reads and checks one file. It returns nil after a panic.
func (c *tally) try(t *testing.T, name, data string) (*yaml.Document, []schema.Finding) {
	t.Helper()
	d, findings, took, reason := timed(name, data)
	for range retries {
		if took <= corpora.Limit {
			break
		}
		_, _, again, _ := timed(name, data) // a busy machine only ever adds to it
		took = min(took, again)
	}
	if took > corpora.Limit {
		t.Errorf("%s took %v: %.200q", name, took, data)
	}
	if reason != nil {
		t.Errorf("%s: panic: %v: %.200q", name, reason, data)
	} else {
		c.check(t, name, data, d, findings)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inputs++
	if took > c.slowest {
		c.slowest, c.slowestInput = took, fmt.Sprintf("%s: %.40q", name, data)
	}
	if reason != nil {
		c.panicked++
	}
	return d, findings
}

func timed(name, data string) (d *yaml.Document, findings []schema.Finding, took time.Duration, panicked any) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := corpora.Clock()
	defer func() {
		took = corpora.Clock() - before
		if panicked = recover(); panicked != nil {
			d, findings = nil, nil
		}
	}()
	id, _ := snapshot.Classify(name)
	d = yaml.Parse(name, []byte(data))
	return d, findingsOf(d, id), 0, nil
}

func (c *tally) check(t *testing.T, name, data string, d *yaml.Document, findings []schema.Finding) {
	t.Helper()
	var unplaced int
	var widths []int
	for line := range strings.SplitSeq(data, "\n") {
		widths = append(widths, utf8.RuneCountInString(line))
	}
	for _, f := range findings {
		if lacks := lacking(f, name, widths); lacks != "" {
			unplaced++
			t.Errorf("%s: %s: %+v of %.200q", name, lacks, f, data)
		}
	}
	if d.Value == nil && len(findings) == 0 {
		unplaced++
		t.Errorf("%s: neither a value nor a finding: %.200q", name, data)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unplaced += unplaced
	if len(findings) > 0 {
		c.refused++
	}
}

// lacking says what a finding lacks that a maintainer needs: "" mostly. widths
// are those of the file's lines.
func lacking(f schema.Finding, file string, widths []int) string {
	within := func(line, column int) bool {
		return line >= 1 && line <= len(widths) && column >= 1 && column <= 1+widths[line-1]
	}
	switch {
	case f.File != file:
		return "the file is not named"
	case f.Rule == "" || f.Name == "" || f.Message == "" || f.Remedy == "":
		return "something is not said"
	case !within(f.Line, f.Column) || !within(f.EndLine, f.EndColumn):
		return "the place is not in the file"
	case f.EndLine < f.Line || f.EndLine == f.Line && f.EndColumn < f.Column:
		return "the end is before the beginning"
	}
	return ""
}
