//go:build linux

package cluster

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

// Ready waits until the cluster can keep streams.
func (c *Cluster) Ready(t testing.TB) {
	t.Helper()
	a := c.Admin(t)
	natstest.Eventually(t, "the cluster has a leader", func() bool {
		_, err := a.Stream("NONE")
		return err == jetstream.ErrStreamNotFound
	})
	a.nc.Close()
}

// Admin looks after the streams. Its ways to the servers do not break. A server that is
// paused does not answer, and one that is cut off from the others knows no leader: Admin
// goes to the next one then.
type Admin struct {
	t  testing.TB
	nc *nats.Conn
	js jetstream.JetStream
}

// Admin connects one.
func (c *Cluster) Admin(t testing.TB) *Admin {
	t.Helper()
	nc := natstest.Connect(t, c.Client(t).URL())
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatalf("jetstream.New = %v, want no error", err)
	}
	return &Admin{t: t, nc: nc, js: js}
}

// Stream asks for the state of a stream, for two seconds.
func (a *Admin) Stream(name string) (info *jetstream.StreamInfo, err error) {
	ctx, cancel := context.WithTimeout(a.t.Context(), 2*time.Second)
	defer cancel()
	s, err := a.js.Stream(ctx, name)
	if err == nil {
		info = s.CachedInfo()
	}
	if ctx.Err() != nil || info != nil && info.Cluster != nil && info.Cluster.Leader == "" {
		_ = a.nc.ForceReconnect() // it fails only once the connection is closed
	}
	return info, err
}

// Leader waits until a stream has a leader, and returns its number.
func (a *Admin) Leader(stream string) (leader int) {
	a.t.Helper()
	natstest.Eventually(a.t, "the stream has a leader", func() bool {
		info, err := a.Stream(stream)
		if err != nil || info.Cluster == nil || len(info.Cluster.Leader) != 2 {
			return false
		}
		leader = int(info.Cluster.Leader[1] - '0')
		return true
	})
	return leader
}

// Settled waits until all replicas of a stream are there and have all.
func (a *Admin) Settled(stream string) {
	a.t.Helper()
	natstest.Eventually(a.t, "the replicas are current", func() bool {
		info, err := a.Stream(stream)
		if err != nil || info.Cluster == nil || info.Cluster.Leader == "" {
			return false
		}
		for _, r := range info.Cluster.Replicas {
			if !r.Current || r.Offline {
				return false
			}
		}
		return true
	})
}

// StepDown has a stream choose another leader.
func (a *Admin) StepDown(stream string) error {
	return a.ask("STREAM.LEADER.STEPDOWN."+stream, "")
}

// MetaStepDown has the cluster choose another leader.
func (a *Admin) MetaStepDown() error { return a.ask("META.LEADER.STEPDOWN", "") }

// Purge removes the messages of a subject.
func (a *Admin) Purge(stream, subject string) error {
	return a.ask("STREAM.PURGE."+stream, `{"filter":"`+subject+`"}`)
}

func (a *Admin) ask(api, question string) error {
	_, err := a.nc.Request("$JS.API."+api, []byte(question), 2*time.Second)
	return err
}

// Edit changes the configuration of a stream.
func (a *Admin) Edit(stream string, change func(*jetstream.StreamConfig)) error {
	info, err := a.Stream(stream)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.t.Context(), 5*time.Second)
	defer cancel()
	change(&info.Config)
	_, err = a.js.UpdateStream(ctx, info.Config)
	return err
}

// JetStream is for all else.
func (a *Admin) JetStream() jetstream.JetStream { return a.js }

// Rollup publishes a message that removes all before it of its subject.
func (a *Admin) Rollup(subject string) error {
	msg := nats.NewMsg(subject)
	msg.Header.Set(nats.MsgRollup, nats.MsgRollupSubject)
	_, err := a.js.PublishMsg(a.t.Context(), msg)
	return err
}
