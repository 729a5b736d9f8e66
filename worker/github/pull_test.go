package github_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"netsync/schema"
	"netsync/schema/event"
	"netsync/schema/story"
	"netsync/worker/github"
	"netsync/worker/github/githubtest"
)

// change is a record that gets another acronym.
func change(id, from, to string) *event.Change {
	record := func(acronym string) (json.RawMessage, *schema.Digest) {
		data, _ := json.Marshal(map[string]any{"acronym": acronym, "id": id, "name": map[string]string{"en": "Network " + id}})
		digest := schema.DigestOf(data)
		return data, &digest
	}
	c := &event.Change{Collection: schema.Networks, ID: id, Op: event.Updated, Patch: json.RawMessage("[]")}
	c.Previous, c.PreviousDigest = record(from)
	c.Record, c.Digest = record(to)
	return c
}

// pulls are what pull requests would change, by number.
type pulls map[int]github.Pull

func (p pulls) adapt(c *github.ReporterConfig, _ *githubtest.Server) {
	c.Compare = func(_ context.Context, number int, _ string) (github.Pull, error) {
		pull, ok := p[number]
		if !ok {
			return github.Pull{}, errors.New("there is no such pull request")
		}
		return pull, nil
	}
}

func pull(head string, after []schema.Finding, changes ...*event.Change) github.Pull {
	return github.Pull{
		Dataset: "networks", Head: head, After: after, Changes: changes,
		Describer: story.Describer{Manifest: &schema.Manifest{Languages: []string{"en"}}, State: &schema.State{}},
	}
}

func TestOneCommentIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	p := pulls{7: pull(sha(1), findings(1, 1), change("leru", "LERU", "@octocat"))}
	inBubble(t, p.adapt, func(f *fixture) {
		for i := range 150 { // more than a page of what others say
			f.github.Say(7, "octocat", fmt.Sprintf("I think so %d times", i))
		}
		f.github.Say(7, "mallory", "<!-- netsync:networks -->\nLook, I am netsync")
		f.PullRequest(7, sha(1))
		f.pass(time.Minute)

		mine := comments(f, "netsync-bot")
		if len(mine) != 1 {
			t.Fatalf("comments %+v", mine)
		}
		for _, text := range []string{
			"<!-- netsync:networks -->\n", "### netsync: 1 error, 1 warning; 1 record would change\n",
			"**error** in [networks/leru.yaml:\u200b1](https://github.com/o/r/blob/" + sha(1) + "/networks/leru.yaml#L1): the key 1 is not known here (NS008 unknown-key). Take it out.",
			"Acronym of Network leru: LERU → @\u200boctocat", "Records with errors stay at their last good version.",
		} {
			if !strings.Contains(mine[0].Body, text) {
				t.Errorf("the comment does not hold %q:\n%s", text, mine[0].Body)
			}
		}
		if all := f.github.Statuses(sha(1)); len(all) != 1 || all[0].State != "failure" {
			t.Errorf("statuses %+v", all)
		}

		p[7] = pull(sha(2), nil)
		f.PullRequest(7, sha(2))
		f.pass(time.Minute)
		f.PullRequest(7, sha(2))
		f.pass(time.Minute)
		again := comments(f, "netsync-bot")
		if len(again) != 1 || again[0].ID != mine[0].ID || !strings.Contains(again[0].Body, "no errors; nothing would change") || strings.Contains(again[0].Body, "What is wrong") {
			t.Errorf("comments %+v", again)
		}
		if all := f.github.Statuses(sha(2)); len(all) != 1 || all[0].State != "success" {
			t.Errorf("statuses %+v", all)
		}
		if n := len(f.writes()); n != 4 {
			t.Errorf("%d writes, not two statuses, a comment and its change", n)
		}
		if hers := comments(f, "mallory"); len(hers) != 1 || !strings.HasSuffix(hers[0].Body, "Look, I am netsync") {
			t.Errorf("the comment of somebody else is %+v", hers)
		}
	})
}

func comments(f *fixture, login string) []githubtest.Comment {
	var all []githubtest.Comment
	for _, c := range f.github.Comments(7) {
		if c.User.Login == login {
			all = append(all, c)
		}
	}
	return all
}

func TestASecondCommentIsRemoved(t *testing.T) {
	t.Parallel()
	p := pulls{7: pull(sha(1), findings(1, 0))}
	inBubble(t, p.adapt, func(f *fixture) {
		f.github.Say(7, "netsync-bot", "<!-- netsync:other -->\nanother dataset of the same repository")
		f.github.Say(7, "netsync-bot", "<!-- netsync:networks -->\nold")
		f.github.Say(7, "netsync-bot", "<!-- netsync:networks -->\nof a second worker")
		f.PullRequest(7, sha(1))
		f.pass(time.Minute)
		if all := f.github.Comments(7); len(all) != 2 || !strings.Contains(all[0].Body, "another dataset") || !strings.Contains(all[1].Body, "1 error") {
			t.Errorf("comments %+v", all)
		}
	})
}

func TestAPullRequestOfOtherFilesIsNotCommentedOn(t *testing.T) {
	t.Parallel()
	p := pulls{7: pull(sha(1), findings(0, 1))}
	shared := p[7]
	shared.Before = findings(0, 1)
	shared.Before[0].Line += 10 // it stands elsewhere there
	p[7] = shared
	inBubble(t, p.adapt, func(f *fixture) {
		f.PullRequest(7, sha(1))
		f.pass(time.Minute)
		if all := f.github.Comments(7); len(all) != 0 {
			t.Errorf("comments %+v", all)
		}
		if all := f.github.Statuses(sha(1)); len(all) != 1 || all[0].Description != "no errors, 1 warning; nothing would change" {
			t.Errorf("statuses %+v", all)
		}
	})
}

func TestABrokenManifestIsTold(t *testing.T) {
	t.Parallel()
	broken := pull(sha(1), findings(1, 0))
	broken.Broken, broken.Dataset = true, "--><script>"
	inBubble(t, pulls{7: broken}.adapt, func(f *fixture) {
		f.PullRequest(7, sha(1))
		f.pass(time.Minute)
		all := f.github.Comments(7)
		if len(all) != 1 || !strings.HasPrefix(all[0].Body, "<!-- netsync: -->\n") || !strings.Contains(all[0].Body, "the manifest cannot be used") {
			t.Errorf("comments %+v", all)
		}
	})
}

func TestACommentIsNotLongerThanGitHubTakes(t *testing.T) {
	t.Parallel()
	var changes []*event.Change
	for i := range 3000 {
		changes = append(changes, change(fmt.Sprintf("n%d", i), "A", strings.Repeat("|", 60)))
	}
	p := pulls{7: pull(sha(1), findings(2000, 100), changes...)}
	inBubble(t, p.adapt, func(f *fixture) {
		f.PullRequest(7, sha(1))
		f.pass(time.Minute)
		all := f.github.Comments(7)
		if len(all) != 1 || len(all[0].Body) > 65_535 || len(all[0].Body) < 50_000 {
			t.Fatalf("%d comments, the first of %d bytes", len(all), len(all[0].Body))
		}
		for _, text := range []string{"findings that have no room here", "changes that have no room here", "3000 networks were changed", "<sub>Commit " + sha(1)} {
			if !strings.Contains(all[0].Body, text) {
				t.Errorf("it does not hold %q", text)
			}
		}
	})
}

func TestOpenPullRequestsAreFoundWithoutADelivery(t *testing.T) {
	t.Parallel()
	p := pulls{1: pull(sha(1), nil, change("a", "A", "B")), 2: pull(sha(2), nil)}
	adapt := func(c *github.ReporterConfig, s *githubtest.Server) {
		p.adapt(c, s)
		s.Open(1, sha(1))
		s.Open(2, sha(2))
	}
	inBubble(t, adapt, func(f *fixture) {
		f.pass(time.Minute)
		if len(f.github.Statuses(sha(1))) != 1 || len(f.github.Statuses(sha(2))) != 1 || len(f.github.Comments(1)) != 1 {
			t.Errorf("statuses %+v, %+v", f.github.Statuses(sha(1)), f.github.Statuses(sha(2)))
		}
		before := len(f.github.Requests())
		f.pass(time.Hour)
		for _, r := range f.github.Requests()[before:] {
			if r.Status != 304 {
				t.Errorf("%s %s was answered by %d", r.Method, r.Path, r.Status)
			}
		}
		p[2] = pull(sha(3), nil)
		f.github.Open(2, sha(3))
		f.pass(10 * time.Minute)
		if len(f.github.Statuses(sha(3))) != 1 {
			t.Error("the new head was not found")
		}
	})
}

func TestAHeadThatIsNotThereYetIsWaitedForButNotForEver(t *testing.T) {
	t.Parallel()
	var hints []string
	adapt := func(c *github.ReporterConfig, _ *githubtest.Server) {
		c.Compare = func(_ context.Context, _ int, hint string) (github.Pull, error) {
			if hints = append(hints, hint); hint != "" {
				return github.Pull{}, errors.New("the commit is not there yet")
			}
			return pull(sha(2), nil), nil
		}
	}
	inBubble(t, adapt, func(f *fixture) {
		f.PullRequest(7, sha(1))
		f.pass(time.Minute)
		if len(hints) != 5 || len(f.github.Statuses(sha(2))) != 1 {
			t.Errorf("hints %q", hints)
		}
	})
}
