package redisrooms

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// A subscription that is silently dead is found after both at the latest.
	probePause = 3 * time.Second
	probeWait  = 8 * time.Second
)

// probe publishes to a channel of its own, to which its link is subscribed. A connection
// may look healthy and bring nothing: after a failover it may be to a server that
// nobody publishes to.
type probe struct {
	client  *client
	channel string

	mu      sync.Mutex // protects the fields below
	waiting map[string]chan struct{}
	refused error // by the server
}

func newProbe(c *client, prefix string) *probe {
	return &probe{
		client: c, channel: prefix + ":probe:" + rand.Text(),
		waiting: make(map[string]chan struct{}),
	}
}

// round returns nil if what it publishes comes back, in a cluster from each master. It
// returns errSilent if something was published and did not come back.
func (p *probe) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	err := p.client.eachMaster(ctx, p.publish)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = nil
	if isRefusal(err) {
		p.refused = fmt.Errorf("redisrooms: PUBLISH %s: %w", p.channel, err)
	}
	return err
}

func (p *probe) publish(ctx context.Context, master *redis.Client) error {
	name, back := rand.Text(), make(chan struct{})
	p.expect(name, back)
	defer p.expect(name, nil)
	if err := master.Publish(ctx, p.channel, name).Err(); err != nil {
		return err
	}
	select {
	case <-back:
		return nil
	case <-ctx.Done():
		return errSilent
	}
}

func (p *probe) expect(name string, back chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if back == nil {
		delete(p.waiting, name)
		return
	}
	p.waiting[name] = back
}

// heard notes what came back.
func (p *probe) heard(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if back := p.waiting[name]; back != nil {
		delete(p.waiting, name)
		close(back)
	}
}

func (p *probe) refusal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}
