//go:build linux

package redistest

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
)

// Sentinel watches a master and its replica. It replaces a master that does not answer
// for two seconds.
type Sentinel struct {
	Master, Replica *Server
	Between         *proxy.Proxy // if it stalls, the replica lags
	sentinel        *Server
}

// masterName is what clients ask Sentinel for.
const masterName = "rooms"

// NewSentinel starts all three, and ends them after the test.
func NewSentinel(t testing.TB) *Sentinel {
	t.Helper()
	s := &Sentinel{Master: NewServer(t)}
	s.Between = proxy.New(t, s.Master)
	_, port, _ := net.SplitHostPort(s.Between.Address())
	s.Replica = NewServer(t, "replicaof 127.0.0.1 "+port)
	s.inSync(t)
	// With a short failover-timeout, Sentinel would mend that the replica has the proxy
	// for its master.
	s.sentinel = newServer(t, "redis-sentinel", []string{
		fmt.Sprintf("sentinel monitor %s 127.0.0.1 %s 1", masterName, s.Master.Port()),
		"sentinel down-after-milliseconds " + masterName + " 2000",
		"sentinel failover-timeout " + masterName + " 600000",
	})
	Eventually(t, "Sentinel knows the replica", func() bool {
		replicas, _ := s.sentinel.Do(t, "SENTINEL", "REPLICAS", masterName).([]any)
		return len(replicas) == 1
	})
	return s
}

// inSync waits until the replica has what the master has.
func (s *Sentinel) inSync(t testing.TB) {
	t.Helper()
	c := s.Master.Connect(t)
	Eventually(t, "the replica is in sync", func() bool {
		n, err := c.Wait(t.Context(), 1, time.Second).Result()
		return err == nil && n == 1
	})
}

// Connect makes a client that asks Sentinel for the master, and closes it after the test.
func (s *Sentinel) Connect(t testing.TB) *redis.Client {
	t.Helper()
	c := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: masterName, SentinelAddrs: []string{s.sentinel.Address()},
	})
	t.Cleanup(func() { c.Close() })
	return c
}

// Promoted waits until the replica is the master.
func (s *Sentinel) Promoted(t testing.TB) {
	t.Helper()
	c := s.Replica.Connect(t)
	Eventually(t, "the replica is promoted", func() bool {
		role, err := c.Do(t.Context(), "ROLE").Slice()
		return err == nil && role[0] == "master"
	})
}
