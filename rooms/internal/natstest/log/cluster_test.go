package log_test

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/beatrichartz/martini-sockets/internal/port"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// startCluster starts three servers that form a cluster with JetStream.
func startCluster(t *testing.T) (servers []*natstest.Server) {
	var addresses []*net.TCPAddr
	var routes []*url.URL
	for range 3 {
		a := port.Reserve(t)
		addresses = append(addresses, a)
		routes = append(routes, &url.URL{Scheme: "nats", Host: a.String()})
	}
	for i, a := range addresses {
		dir := t.TempDir()
		s := natstest.NewServer(t, func(o *server.Options) {
			o.ServerName, o.JetStream, o.StoreDir = fmt.Sprint("n", i), true, dir
			o.Cluster = server.ClusterOpts{Name: "cluster", Host: "127.0.0.1", Port: a.Port}
			o.Routes = routes
		})
		servers = append(servers, s)
	}
	return servers
}

// Contract 11.1, 11.3, 11.5: three servers keep the stream, with a process at each. One
// dies: what was acknowledged is there, and all go on, in one order.
func TestCluster(t *testing.T) {
	t.Parallel()
	servers := startCluster(t)
	var processes []*process
	for _, s := range servers {
		l := readyLog(t, s.Connect(t), &natsrooms.LogOptions{Replicas: 3})
		processes = append(processes, newProcess(t, l))
	}
	first := processes[0].must(t, "first")
	readers := []*reader{processes[1].join(t, first), processes[2].join(t, first)}
	processes[2].must(t, "second")
	servers[0].Stop()
	processes[0].must(t, "one is dead") // its connection has gone to another server
	servers[0].Start(t)
	for i, p := range processes {
		p.must(t, fmt.Sprint("whole again ", i))
	}
	all := readers[0].until(t, "whole again 2")
	if other := readers[1].until(t, "whole again 2"); !slices.Equal(all, other) || len(all) != 5 {
		t.Errorf("one reader got %v, another %v, want the same five", all, other)
	}
	for i, p := range processes {
		missed := p.join(t, first).missed
		if len(missed.Messages) != len(all) || !missed.Complete {
			t.Errorf("at process %d missed %d, complete %v, want %d, complete",
				i, len(missed.Messages), missed.Complete, len(all))
		}
	}
}
