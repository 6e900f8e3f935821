package redisrooms

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// serverWait is how long the server may take no bytes, or send none that it owes.
const serverWait = 3 * time.Second

// client is the program's client with settings of its own. Those of the program may
// break promises: a retry of a publish sends a message twice, and a call that ignores
// its context blocks its room.
type client struct {
	single  *redis.Client        // shares the pools of the program's
	cluster *redis.ClusterClient // a copy, if single is nil; it has pools of its own
}

// newClient panics, in the name of the caller, if u is no client that rooms can use.
func newClient(caller string, u redis.UniversalClient) *client {
	switch u := u.(type) {
	case *redis.Client:
		if u != nil {
			return &client{single: ownClient(u)}
		}
	case *redis.ClusterClient:
		if u != nil {
			return &client{cluster: ownCluster(u)}
		}
	case nil:
	case *redis.Ring:
		panic("redisrooms: " + caller + ": a Ring spreads rooms over servers that do not " +
			"know each other; use one server, Sentinel or a cluster")
	default:
		panic(fmt.Sprintf("redisrooms: %s: a %T; rooms need a *redis.Client or a "+
			"*redis.ClusterClient, whose settings they know", caller, u))
	}
	panic("redisrooms: " + caller + ": the client is nil")
}

// ownClient shares the pools, because those of a client for Sentinel drop their
// connections to the old master. WithTimeout copies the options.
func ownClient(u *redis.Client) *redis.Client {
	c := u.WithTimeout(serverWait)
	o := c.Options()
	o.MaxRetries = 0 // none: NewClient has replaced the 0 that means three
	o.ContextTimeoutEnabled = true
	return c
}

// ownCluster makes another client, because the clients of the nodes have options of
// their own.
func ownCluster(u *redis.ClusterClient) *redis.ClusterClient {
	o := *u.Options()
	o.MaxRetries = -1
	o.ContextTimeoutEnabled = true
	o.ReadTimeout, o.WriteTimeout = serverWait, serverWait
	o.ReadOnly, o.RouteByLatency, o.RouteRandomly = false, false, false
	o.DisableRoutingPolicies = true // they need the right to run COMMAND
	return redis.NewClusterClient(&o)
}

// close ends what is not the program's.
func (c *client) close() {
	if c.cluster != nil {
		_ = c.cluster.Close()
	}
}

// any returns the client as what both kinds have in common. A cluster's retries a
// command whose answer was lost, up to MaxRedirects times.
func (c *client) any() redis.UniversalClient {
	if c.cluster != nil {
		return c.cluster
	}
	return c.single
}

// eachMaster calls f for each server that can be written to, at the same time, and
// returns the first error. Commands call code of the program, such as
// redis.Options.Limiter, so a panic becomes an error.
func (c *client) eachMaster(
	ctx context.Context, f func(ctx context.Context, master *redis.Client) error,
) error {
	apart := func(ctx context.Context, master *redis.Client) error {
		return recovered.Apart(func() error { return f(ctx, master) })
	}
	if c.cluster != nil {
		return c.cluster.ForEachMaster(ctx, apart)
	}
	return apart(ctx, c.single)
}
