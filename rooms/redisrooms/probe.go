package redisrooms

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
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
	refused error             // by the server
	runs    map[string]string // of each master of a cluster, by address
}

func newProbe(c *client, prefix string) *probe {
	return &probe{
		client: c, channel: prefix + ":probe:" + rand.Text(),
		waiting: make(map[string]chan struct{}),
	}
}

// errOther means that a cluster has another master, or another run of one. It has lost
// what the one before had taken and not passed on, and maybe no connection was broken by
// that.
var errOther = errors.New("redisrooms: a master was replaced")

// round returns nil if what it publishes comes back, in a cluster from each master. It
// returns errSilent if something was published and did not come back, and errOther.
func (p *probe) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	runs := make(map[string]string)
	err := p.client.eachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		if err := p.publish(ctx, master); err != nil || p.client.cluster == nil {
			return err
		}
		info, err := master.Info(ctx, "server").Result()
		_, run, _ := strings.Cut(info, "run_id:")
		p.mu.Lock()
		defer p.mu.Unlock()
		runs[master.Options().Addr], _, _ = strings.Cut(run, "\r")
		return err
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = nil
	switch {
	case isRefusal(err):
		p.refused = fmt.Errorf("redisrooms: PUBLISH %s: %w", p.channel, err)
	case err == nil:
		before := p.runs
		p.runs = runs
		for address, run := range runs {
			if before != nil && before[address] != run {
				return errOther
			}
		}
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

// watch probes until close. A session that does not hear what was published is over. If
// something cannot be published, a server may have lost what others have published.
func (l *link) watch() {
	for pause := time.Duration(0); ; pause = probePause {
		select {
		case <-l.ctx.Done():
			return
		case <-time.After(pause):
		}
		<-l.tried
		s := l.current()
		if s == nil {
			continue
		}
		switch err := l.probe.round(l.ctx); {
		case err == nil:
		case errors.Is(err, errSilent):
			s.close()
		default:
			l.lost()
		}
	}
}
