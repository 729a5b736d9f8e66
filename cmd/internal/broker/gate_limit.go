package broker

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// guestConsumers are the consumers that guests created. There are at most
// maxGuestConsumers: a further one takes the place of that which was idle for
// longest. The rest of what the server allows stays free for netsync's own.
type guestConsumers struct {
	request func(subject string, data []byte) ([]byte, error)

	mu     sync.Mutex
	used   map[consumerName]time.Time // when each was last used, as of listed, or created after it
	listed time.Time                  // when the server was last asked
}

type consumerName struct{ stream, name string }

func (c *guestConsumers) isKnown(r request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.used[consumerName{r.stream, r.consumer}]
	return ok
}

func (c *guestConsumers) removeConsumer(r request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.used, consumerName{r.stream, r.consumer})
}

// create asks the server for a consumer and returns the server's answer.
func (c *guestConsumers) create(r request, data []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.makeRoom(maxGuestConsumers - 1); err != nil {
		return nil, err
	}
	answer, err := c.request(r.subject, data)
	if err != nil {
		return nil, err
	}
	var created server.JSApiConsumerCreateResponse
	if err := json.Unmarshal(answer, &created); err != nil {
		return nil, err
	}
	if created.ConsumerInfo != nil {
		c.used[consumerName{r.stream, created.Name}] = time.Now()
	}
	return answer, nil
}

// adoptAll adds the consumers of guests that are in the streams, durable ones of
// earlier versions included, and removes those beyond the limit.
func (c *guestConsumers) adoptAll(streams []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, c.listed = make(map[consumerName]time.Time), time.Now()
	for _, stream := range streams {
		if err := c.list(stream); err != nil {
			return fmt.Errorf("list the consumers of stream %s: %w", stream, err)
		}
	}
	return c.makeRoom(maxGuestConsumers)
}

// makeRoom removes the consumers that were idle for longest until at most so
// many remain.
func (c *guestConsumers) makeRoom(remain int) error {
	for len(c.used) > remain {
		if err := c.removeIdlest(); err != nil {
			return err
		}
	}
	return nil
}

// refreshAll asks the server which consumers still exist and when they were used.
func (c *guestConsumers) refreshAll() error {
	streams := make(map[string]struct{})
	for name := range c.used {
		streams[name.stream] = struct{}{}
	}
	c.used, c.listed = make(map[consumerName]time.Time), time.Now()
	for stream := range streams {
		if err := c.list(stream); err != nil {
			return err
		}
	}
	return nil
}

// list adds the guests' consumers of a stream, as the server lists them.
func (c *guestConsumers) list(stream string) error {
	for offset := 0; ; {
		answer, err := c.request("CONSUMER.LIST."+stream, fmt.Appendf(nil, `{"offset":%d}`, offset))
		if err != nil {
			return err
		}
		var page server.JSApiConsumerListResponse
		if err := json.Unmarshal(answer, &page); err != nil {
			return err
		}
		if page.Error != nil && page.Error.ErrCode == server.NewJSStreamNotFoundError().ErrCode {
			return nil
		}
		if page.Error != nil {
			return page.Error
		}
		for _, info := range page.Consumers {
			if info.Config.Durable != "" || info.Config.Metadata[guestMark] != "" {
				c.used[consumerName{stream, info.Name}] = lastUse(info)
			}
		}
		if offset += len(page.Consumers); len(page.Consumers) == 0 || offset >= page.Total {
			return nil
		}
	}
}

// lastUse is now for a consumer that a client listens to.
func lastUse(info *server.ConsumerInfo) time.Time {
	if info.PushBound || info.NumWaiting > 0 {
		return time.Now()
	}
	last := info.Created
	for _, active := range []*time.Time{info.Delivered.Last, info.AckFloor.Last} {
		if active != nil && active.After(last) {
			last = *active
		}
	}
	return last
}

// removeIdlest removes a consumer. What was used after the server was last asked
// may be in use still, so the server is asked again before one of those goes.
func (c *guestConsumers) removeIdlest() error {
	name, last := c.findIdlest()
	if !last.Before(c.listed) {
		if err := c.refreshAll(); err != nil {
			return err
		}
		if name, _ = c.findIdlest(); name == (consumerName{}) {
			return nil
		}
	}
	if _, err := c.request("CONSUMER.DELETE."+name.stream+"."+name.name, nil); err != nil {
		return fmt.Errorf("remove an idle consumer: %w", err)
	}
	delete(c.used, name)
	return nil
}

func (c *guestConsumers) findIdlest() (idlest consumerName, since time.Time) {
	for name, last := range c.used {
		if since.IsZero() || last.Before(since) {
			idlest, since = name, last
		}
	}
	return idlest, since
}
