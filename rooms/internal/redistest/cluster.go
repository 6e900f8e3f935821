//go:build linux

package redistest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/internal/port"
)

// slots is how many a cluster has.
const slots = 16384

// Cluster is a Redis cluster of masters. While one is down, the others go on.
type Cluster struct{ Servers []*Server }

// NewCluster starts some servers that share the slots evenly, and ends them after the
// test.
func NewCluster(t testing.TB, size int) *Cluster {
	t.Helper()
	c := &Cluster{}
	for i := range size {
		bus := port.Reserve(t).Port
		s := NewServer(t, "cluster-enabled yes", fmt.Sprint("cluster-port ", bus),
			"cluster-node-timeout 3000", "cluster-require-full-coverage no")
		c.Servers = append(c.Servers, s)
		first, next := slots*i/size, slots*(i+1)/size
		s.Do(t, "CLUSTER", "ADDSLOTSRANGE", first, next-1)
		c.Servers[0].Do(t, "CLUSTER", "MEET", "127.0.0.1", s.Port(), bus)
	}
	for _, s := range c.Servers {
		admin := s.Connect(t)
		Eventually(t, "the cluster is whole", func() bool {
			info, err := admin.ClusterInfo(context.Background()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") &&
				strings.Contains(info, fmt.Sprint("cluster_slots_ok:", slots)) &&
				strings.Contains(info, fmt.Sprint("cluster_known_nodes:", size))
		})
	}
	return c
}

// Connect makes a client that knows one of the servers, and closes it after the test.
func (c *Cluster) Connect(t testing.TB) *redis.ClusterClient {
	t.Helper()
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{c.Servers[0].Address()},
	})
	t.Cleanup(func() { client.Close() })
	return client
}

// Owner returns the number of the server that has the slot of a key, when the cluster
// was started.
func (c *Cluster) Owner(t testing.TB, key string) int {
	t.Helper()
	return c.slot(t, key) * len(c.Servers) / slots
}

func (c *Cluster) slot(t testing.TB, key string) int {
	t.Helper()
	return int(c.Servers[0].Do(t, "CLUSTER", "KEYSLOT", key).(int64))
}

// Move moves the slot of a key to another server, key by key, as redis-cli does.
func (c *Cluster) Move(t testing.TB, key string, from, to *Server) {
	t.Helper()
	slot := c.slot(t, key)
	source, _ := from.Do(t, "CLUSTER", "MYID").(string)
	target, _ := to.Do(t, "CLUSTER", "MYID").(string)
	to.Do(t, "CLUSTER", "SETSLOT", slot, "IMPORTING", source)
	from.Do(t, "CLUSTER", "SETSLOT", slot, "MIGRATING", target)
	for {
		keys, _ := from.Do(t, "CLUSTER", "GETKEYSINSLOT", slot, 1).([]any)
		if len(keys) == 0 {
			break
		}
		from.Do(t, "MIGRATE", "127.0.0.1", to.Port(), keys[0], 0, 10_000)
	}
	for _, s := range c.Servers {
		s.Do(t, "CLUSTER", "SETSLOT", slot, "NODE", target)
	}
}
