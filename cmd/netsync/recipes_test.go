package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netsync/schema"
	"netsync/schema/testkit/npmtest"
)

// recipe begins the README's commands for the nats command.
const recipe = "nats "

// TestTheRecipesWork runs what the README shows of the nats command as a guest
// of a running netsync. Of each recipe something is known that it prints.
func TestTheRecipesWork(t *testing.T) {
	t.Parallel()
	npmtest.Program(t, "nats", "nats") // the commands name it
	d := newDemo(t)
	d.start()
	d.waitFor("/data/networks/leru.json", `"id":"leru"`)
	d.showLogo("first")
	d.waitForLogo("first")

	want := map[string]string{
		"nats subscribe 'netsync.>'":      `"type":"netsync.changeset.completed"`,
		"--last-per-subject":              `"subject":"networks/una-europa"`,
		"--since 24h":                     `"type":"netsync.record.updated","subject":"networks/leru"`,
		"--last-for":                      `"subject":"networks/leru"`,
		"--raw":                           `"state_digest":"sha256:`,
		"nats object get netsync-leiden-": "",
	}
	commands, _ := readme(t)
	for _, line := range commands {
		if !strings.HasPrefix(line, recipe) {
			continue
		}
		for part, printed := range want {
			if strings.Contains(line, part) {
				delete(want, part)
				d.cook(line, printed)
			}
		}
	}
	for part := range want {
		t.Errorf("the README has no recipe with %s", part)
	}
}

// cook runs a recipe and looks for what it must print. One that goes on for
// ever is shown a change.
func (d *demoProcess) cook(line, printed string) {
	d.t.Helper()
	dir := d.t.TempDir()
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer out.Close()
	logo := logoOf("first")
	cmd := exec.CommandContext(d.t.Context(), "sh", "-c", "exec "+line)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.Env = append(os.Environ(), "HOME="+dir, "NATS_URL=nats://"+d.nat, "DIGITS="+schema.DigestOf([]byte(logo)).Hex())
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }() // it may have ended
	said := func() string {
		text, err := os.ReadFile(out.Name())
		if err != nil {
			d.t.Fatal(err)
		}
		return string(text)
	}
	if strings.HasSuffix(line, "'netsync.>'") && !strings.Contains(line, "--stream") {
		for n := 0; !strings.Contains(said(), printed); n++ {
			select {
			case err := <-ended:
				d.t.Fatalf("%s: %v\n%s", line, err, said())
			case <-time.After(time.Second): // a change that it was not there for is followed by another
				if n == 60 {
					d.t.Fatalf("%s: no change is told of\n%s", line, said())
				}
				d.draw(fmt.Sprint("change ", n))
			}
		}
		return
	}
	select {
	case err := <-ended:
		if err != nil || !strings.Contains(said(), printed) {
			d.t.Errorf("%s: %v\n%s", line, err, said())
		}
	case <-time.After(patience):
		d.t.Fatalf("%s does not end\n%s", line, said())
	}
	if strings.Contains(line, "--output logo.svg") {
		if data, err := os.ReadFile(filepath.Join(dir, "logo.svg")); err != nil || string(data) != logo {
			d.t.Errorf("%s wrote %q, %v", line, data, err)
		}
	}
}
