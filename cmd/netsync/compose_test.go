package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"netsync/config"
)

// composed is the compose file, as it is by default.
func composed(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../docker-compose.yml"}, cli.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestTheComposeFileIsSound(t *testing.T) {
	t.Parallel()
	project := composed(t)
	keys := make(map[string]bool)
	for _, key := range config.Keys() {
		keys[key.Env] = true
	}
	var running []string
	for name, service := range project.Services {
		if service.Restart != "no" {
			running = append(running, name)
			if service.HealthCheck == nil || service.Restart == "" {
				t.Errorf("service %s has no health check or restart policy", name)
			}
		}
		for variable := range service.Environment {
			if strings.HasPrefix(variable, "NETSYNC_") && !keys[variable] {
				t.Errorf("service %s sets %s, which is no key", name, variable)
			}
		}
		for _, volume := range service.Volumes {
			if _, ok := project.Volumes[volume.Source]; volume.Type == "volume" && !ok {
				t.Errorf("service %s mounts %s, which is not declared", name, volume.Source)
			}
		}
	}
	slices.Sort(running)
	if got := strings.Join(running, " "); got != "mail nats publishers worker" {
		t.Errorf("the services that run are %s", got)
	}
}

func TestTheImageIsNotRootAndHasGit(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := strings.Split(string(data), "\nFROM ")
	final := stages[len(stages)-1]
	if len(stages) < 2 || !strings.Contains(final, "\nUSER netsync\n") || !strings.Contains(final, " git ") {
		t.Errorf("the final stage of %d:\n%s", len(stages), final)
	}
}
