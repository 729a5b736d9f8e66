package process

import (
	"fmt"
	"net/netip"

	"netsync/publishers/delivery"
	"netsync/publishers/delivery/webhook"
	"netsync/schema"
	"netsync/schema/event"
)

// NewEndpoints makes the endpoints of the configuration.
func (p builder) NewEndpoints() ([]*delivery.Endpoint, error) {
	var all []*delivery.Endpoint
	for _, w := range p.Config.Webhooks.Endpoints {
		secret, err := webhook.ParseSecret(w.Secret.Reveal())
		if err != nil {
			return nil, fmt.Errorf("set up the endpoint %s: %w", w.Name, err)
		}
		filter := delivery.Filter{Topics: w.Topics, Least: event.Significance(w.Significance)}
		for _, c := range w.Collections {
			filter.Collections = append(filter.Collections, schema.Collection(c))
		}
		for _, op := range w.Ops {
			filter.Ops = append(filter.Ops, event.Op(op))
		}
		var private []netip.Prefix
		for _, network := range w.Private {
			prefix, err := netip.ParsePrefix(network)
			if err != nil {
				return nil, fmt.Errorf("set up the endpoint %s: %w", w.Name, err)
			}
			private = append(private, prefix)
		}
		all = append(all, delivery.New(delivery.Config{
			Name: w.Name, Kind: webhook.Webhook{URL: w.URL, Secret: secret}, Filter: filter, Private: private,
			Open: p.OpenStream, JetStream: p.JetStream, Log: p.Log.Named(roleWebhooks),
		}))
	}
	return all, nil
}
