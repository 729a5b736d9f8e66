package main

import (
	"maps"
	"net/http"

	"netsync/cmd/internal/ops"
	"netsync/worker/github"
)

// webhook makes GitHub's webhook where there is a secret for it and a worker
// to wake; nil elsewhere.
func (n *node) webhook() (*github.Webhook, error) {
	if n.worker == nil || n.cfg.GitHub.WebhookSecret == "" {
		return nil, nil
	}
	return github.New(github.Config{
		Secret: n.cfg.GitHub.WebhookSecret.Reveal(),
		Ref:    n.cfg.Dataset.Ref,
		Wake:   n.worker.Hint,
		Log:    n.log.Named("github"),
	})
}

// withWebhook adds the webhook to what is served.
func (n *node) withWebhook(mounts map[string]http.Handler) map[string]http.Handler {
	if n.hook == nil {
		return mounts
	}
	all := map[string]http.Handler{"POST /hooks/github": n.hook}
	maps.Copy(all, mounts)
	return all
}

func (n *node) githubStatus() *ops.GitHub {
	if n.hook == nil {
		return nil
	}
	return &ops.GitHub{Deliveries: n.hook.Deliveries()}
}
