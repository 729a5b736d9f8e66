package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"netsync/cmd/internal/chaos"
	"netsync/cmd/internal/cli"
	"netsync/cmd/internal/operate"
	"netsync/publishers/newsletter"
	"netsync/schema/stream/streamtest"
	"netsync/schema/testkit/npmtest"
)

// How many records the dataset of the drill has, in its long form and its short one.
const (
	drillRecords = 1000
	fewRecords   = 60
)

// Whatever is killed while a system is backed up, removed and restored, nothing
// that Git or the backup has is lost, nobody gets a digest twice, and whoever has
// seen what is lost is told.
func TestRestores(t *testing.T) {
	t.Parallel()
	npmtest.Need(t, "long")
	n, random := faults(t, 2)
	d := newDrill(t, random)
	for round := range n {
		d.round(round)
		if t.Failed() {
			t.Fatalf("in round %d of %d", round+1, n)
		}
		if (round+1)%10 == 0 {
			t.Logf("%d of %d rounds", round+1, n)
		}
	}
	d.office.mu.Lock()
	defer d.office.mu.Unlock()
	t.Logf("%d rounds, %d digests, %d of them under way at a backup and %d sent in lost time, %d restores cut off, %d processes and %d backups killed; the mail server failed at %v",
		n, len(d.office.has), d.underWay, d.lost, d.cutOff, d.killed, d.backupsKilled, d.office.failed)
}

// A drill is a system that is backed up, removed and restored again and again.
type drill struct {
	*sender
	key, public string
	place       string
	joined      int // subscribers that were added

	underWay, lost, cutOff, killed, backupsKilled int
}

func newDrill(t *testing.T, random *rand.Rand) *drill {
	t.Helper()
	dir := t.TempDir()
	records := drillRecords
	if *faultsN == 0 {
		records = fewRecords
	}
	data, err := chaos.Sized(filepath.Join(dir, "dataset"), rand.New(rand.NewPCG(random.Uint64(), 0)), records)
	if err != nil {
		t.Fatal(err)
	}
	v := victimOn(t, dir, data)
	office := openPostOffice(t, rand.New(rand.NewPCG(random.Uint64(), 0)))
	d := &drill{key: filepath.Join(dir, "backup.key"), place: filepath.Join(dir, "backups")}
	public, code := netsync(t, "backup", "--new-key", d.key)
	config, err := os.ReadFile(v.config())
	if err == nil && code == cli.ExitDone {
		d.public = strings.TrimSpace(public)
		config = fmt.Appendf(config, "backup: {to: %s, key: %s}\nwebsite: {base_url: https://example.org}\n", d.place, d.public)
		err = os.WriteFile(v.config(), config, 0o644)
	}
	if err != nil || code != cli.ExitDone {
		t.Fatal(code, err)
	}
	d.sender = senderOn(v, office, random)
	return d
}

// chance is true once in so many times.
func (d *drill) chance(in int) bool { return d.random.IntN(in) == 0 }

// pause waits for a random part of a time.
func (d *drill) pause(most time.Duration) { time.Sleep(time.Duration(d.random.Int64N(int64(most)))) }

func (d *drill) round(round int) {
	d.start()
	d.settle()
	d.edit(1)
	var busy sync.WaitGroup
	busy.Go(d.digest)
	busy.Go(func() { d.edit(1 + round%3) })
	busy.Go(func() { d.signUp(round) })
	file := d.backUp(round)
	busy.Wait()
	d.edit(d.random.IntN(3)) // in the time that is lost
	gone := d.leave()
	before := d.status()
	if d.chance(2) {
		d.digest()
	}
	d.kill()
	if err := os.RemoveAll(d.dataDir()); err != nil {
		d.t.Fatal(err)
	}
	restored := d.restoreBackup(file)
	d.start()
	d.settle()
	d.checkRestore(round, restored, before, gone)
	d.kill()
}

// edit makes commits.
func (d *drill) edit(n int) {
	for range n {
		if err := d.data.Edit(); err != nil {
			d.t.Error(err)
		}
	}
}

// digest sends the digest, approving it where it waits; it may fail, or be killed.
func (d *drill) digest() {
	out, code := netsync(d.t, "digest", "send", "--json", "-c", d.config())
	if code == cli.ExitDone && strings.Contains(out, `"waiting"`) {
		netsync(d.t, "digest", "approve", "-c", d.config())
	}
}

func (d *drill) signUp(round int) {
	file := filepath.Join(d.dir, fmt.Sprintf("more-%d.csv", round))
	if err := os.WriteFile(file, fmt.Appendf(nil, "address\nmore%d@example.org\n", round), 0o600); err != nil {
		d.t.Error(err)
	}
	if _, code := netsync(d.t, "subscribers", "import", file, "-c", d.config()); code == cli.ExitDone {
		d.joined++
	}
}

// backUp makes a backup at some moment while all goes on; now and then it, or the
// process that runs, is killed meanwhile.
func (d *drill) backUp(round int) string {
	d.pause(d.needs)
	file := filepath.Join(d.place, fmt.Sprintf("round-%d.tar.zst.age", round))
	kill := d.chance(3)
	for try := 0; ; try++ {
		cmd := program("backup", "--to", file, "-c", d.config())
		if err := cmd.Start(); err != nil {
			d.t.Fatal(err)
		}
		if kill && try == 0 {
			d.pause(300 * time.Millisecond)
			if d.chance(2) {
				d.backupsKilled++
				_ = cmd.Process.Kill() // it may have ended
			} else {
				d.killed++
				d.kill()
			}
		}
		if err := cmd.Wait(); err == nil {
			break
		}
		if try > 20 {
			d.t.Fatal("no backup can be made")
		}
		time.Sleep(100 * time.Millisecond) // a process that ends lets go of the store
	}
	if out, code := netsync(d.t, "verify", "--backup", file, "--key-file", d.key); code != cli.ExitDone {
		d.t.Errorf("netsync verify --backup: exit code %d\n%s", code, out)
	}
	if d.ended() {
		d.start()
	}
	return file
}

// leave removes a subscriber after the backup, and waits until that is known
// beside it.
func (d *drill) leave() string {
	address := fmt.Sprintf("s%d@example.org", d.random.IntN(*subscribersN))
	began := time.Now().Truncate(time.Second)
	_, code := netsync(d.t, "subscribers", "remove", address, "-c", d.config())
	if code != cli.ExitDone {
		return "" // gone already
	}
	streamtest.Eventually(d.t, "the erased address to be known beside the backup", func() bool {
		data, err := os.ReadFile(filepath.Join(d.place, "netsync-"+chaos.ID+".erased.json"))
		var list struct{ Erased []struct{ At time.Time } }
		return err == nil && json.Unmarshal(data, &list) == nil &&
			slices.ContainsFunc(list.Erased, func(e struct{ At time.Time }) bool { return !e.At.Before(began) })
	})
	return address
}

// A drillStatus is what the drill reads of the status.
type drillStatus struct {
	HTTP  string
	Last  uint64
	Epoch string
}

func (d *drill) status() drillStatus {
	d.t.Helper()
	var s struct {
		Processes []struct {
			Stream struct {
				Last      uint64
				Changeset struct{ Epoch string }
			}
		}
	}
	out := d.must("status", "--json")
	if err := json.Unmarshal([]byte(out), &s); err != nil || len(s.Processes) == 0 {
		d.t.Fatalf("%v\n%s", err, out)
	}
	return drillStatus{Last: s.Processes[0].Stream.Last, Epoch: s.Processes[0].Stream.Changeset.Epoch, HTTP: d.http()}
}

// http is where the process that runs listens, as its log says.
func (d *drill) http() string {
	data, err := os.ReadFile(d.log.Name())
	if err != nil {
		d.t.Fatal(err)
	}
	all := regexp.MustCompile(`"http":\s*"(http://[^"]+)"`).FindAllStringSubmatch(string(data), -1)
	if len(all) == 0 {
		d.t.Fatal("the process does not say where it listens")
	}
	return all[len(all)-1][1]
}

// restoreBackup restores into a folder that has nothing; some tries are cut off.
func (d *drill) restoreBackup(file string) (r operate.RestoredLine) {
	d.t.Helper()
	for range d.random.IntN(3) {
		cmd := program("restore", file, "--key-file", d.key, "-c", d.config())
		if err := cmd.Start(); err != nil {
			d.t.Fatal(err)
		}
		d.pause(600 * time.Millisecond)
		_ = cmd.Process.Kill() // it may have ended
		if cmd.Wait() == nil {
			if err := os.RemoveAll(d.dataDir()); err != nil { // it was done before the kill
				d.t.Fatal(err)
			}
			continue
		}
		d.cutOff++
	}
	out, code := netsync(d.t, "restore", file, "--key-file", d.key, "-c", d.config(), "--json")
	if code == cli.ExitData { // all was there before the kill
		if err := os.RemoveAll(d.dataDir()); err != nil {
			d.t.Fatal(err)
		}
		out, code = netsync(d.t, "restore", file, "--key-file", d.key, "-c", d.config(), "--json")
	}
	if code != cli.ExitDone {
		d.t.Fatalf("netsync restore: exit code %d\n%s", code, out)
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		d.t.Fatal(err)
	}
	return r
}

// checkRestore holds what came back against what was there.
func (d *drill) checkRestore(round int, r operate.RestoredLine, before drillStatus, gone string) {
	d.t.Helper()
	if out, code := netsync(d.t, "verify", "-c", d.config()); code != cli.ExitDone {
		d.t.Errorf("netsync verify: exit code %d\n%s", code, out)
	}
	list := d.must("subscribers", "list")
	if gone != "" && strings.Contains(list, gone+" ") {
		d.t.Errorf("%s left after the backup and is back", gone)
	}
	now := d.status()
	d.checkPlace(now, fmt.Sprintf("%d-%s", r.Shared, before.Epoch), http.StatusOK)
	if before.Last > r.Shared {
		d.checkPlace(now, fmt.Sprintf("%d-%s", before.Last, before.Epoch), http.StatusGone)
	}
	d.checkLink(now, list)
	d.checkDigests(r)
}

func (d *drill) checkPlace(now drillStatus, since string, want int) {
	d.t.Helper()
	response, err := http.Get(now.HTTP + "/events?since=" + since)
	if err != nil {
		d.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != want {
		d.t.Errorf("/events?since=%s: %s", since, response.Status)
	}
}

// checkLink unsubscribes somebody by the link of a mail from before the backup.
func (d *drill) checkLink(now drillStatus, list string) {
	d.t.Helper()
	d.office.mu.Lock()
	var address, link string
	for to, leave := range d.office.links {
		if strings.Contains(list, to+" ") && (address == "" || to < address) {
			address, link = to, strings.Trim(strings.Split(leave, ",")[0], "<> ")
		}
	}
	d.office.mu.Unlock()
	if address == "" {
		return
	}
	u, err := url.Parse(link)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := http.PostForm(now.HTTP+u.Path, url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		d.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode/100 != 2 || strings.Contains(d.must("subscribers", "list"), address+" ") {
		d.t.Errorf("the link %s to leave answers %s", u.Path, response.Status)
	}
}

// checkDigests sees that nothing goes out by itself, approves what is news, and
// holds what the mail server has against the ledger.
func (d *drill) checkDigests(r operate.RestoredLine) {
	d.t.Helper()
	d.underWay += len(r.UnderWay)
	held := d.must("digest", "send", "--json")
	if !strings.Contains(held, `"waiting"`) && !strings.Contains(held, `"empty": true`) {
		d.t.Errorf("a digest went out that nobody approved: %s", held)
	}
	var sent []newsletter.Sent
	if err := json.Unmarshal([]byte(d.must("digest", "list", "--json")), &sent); err != nil {
		d.t.Fatal(err)
	}
	var lost []string
	d.office.mu.Lock()
	for digest, has := range d.office.has {
		for to, times := range has {
			if times > 1 {
				d.t.Errorf("%s has digest %s %d times", to, digest, times)
			}
		}
	}
	sentOut := func(id string) bool {
		sum := sha256.Sum256([]byte(chaos.ID + "/" + id))
		_, ok := d.office.has["<"+hex.EncodeToString(sum[:12])]
		return ok
	}
	for _, s := range sent {
		if slices.Contains(r.UnderWay, s.ID) && (s.Completed.IsZero() || s.Uncertain == 0 && s.Recipients > 0 && s.Sent != s.Recipients) {
			d.t.Errorf("a digest that was under way came back as %+v", s)
		}
		if s.Waits() && sentOut(s.ID) { // it went out in the time that is lost
			lost = append(lost, s.ID)
		}
	}
	d.office.mu.Unlock()
	for _, id := range lost {
		d.must("digest", "cancel", "--went-out", id)
		d.lost++
	}
}
