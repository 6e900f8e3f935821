//go:build linux

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

// chat is the rooms of a process in a scenario.
type chat struct {
	t *testing.T
	*process
	rooms *rooms.LogRooms[*history.Text]
}

// chats starts processes, and waits for their logs.
func (w *world) chats(n int) (all []*chat) {
	for range n {
		p := w.connectLog()
		ctx, cancel := context.WithTimeout(w.t.Context(), natstest.Patience)
		defer cancel()
		if err := p.log.Ready(ctx); err != nil {
			w.t.Fatalf("Ready = %v, want no error", err)
		}
		all = append(all, &chat{t: w.t, process: p, rooms: newChat(p)})
	}
	return all
}

// stay has a process connect to one server only, and waits until it is there.
func (w *world) stay(p *process, server int) {
	w.t.Helper()
	for i, way := range p.ways {
		way.Refuse(i != server)
	}
	natstest.Eventually(w.t, "it is connected to that server", func() bool {
		return p.nc.IsConnected() && p.nc.ConnectedServerName() == fmt.Sprint("n", server)
	})
	w.must(p.nc.Flush())
}

func (c *chat) say(id string, patience time.Duration) (at string, err error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	return c.rooms.Say(ctx, "lobby", id, &history.Text{ID: id})
}

// mustSay says it until it is acknowledged.
func (c *chat) mustSay(id string) (at string) {
	c.t.Helper()
	natstest.Eventually(c.t, id+" is acknowledged", func() (ok bool) {
		var err error
		at, err = c.say(id, 5*time.Second)
		return err == nil
	})
	return at
}

// seat is a member, and what it gets.
type seat struct {
	t      *testing.T
	member *rooms.LogMember[*history.Text]
	missed rooms.Missed[*history.Text]
	in     chan *history.Text
	code   chan int
}

func (c *chat) join(after string) (*seat, error) {
	s := &seat{t: c.t, in: make(chan *history.Text, 10_000), code: make(chan int, 1)}
	var err error
	s.member, s.missed, err = c.rooms.JoinAfter("lobby", after, s.in, s.code, nil)
	if err == nil {
		s.member.Start()
	}
	return s, err
}

// mustJoin joins, again if that fails.
func (c *chat) mustJoin(after string) (s *seat) {
	c.t.Helper()
	natstest.Eventually(c.t, "JoinAfter has no error", func() bool {
		var err error
		s, err = c.join(after)
		return err == nil
	})
	return s
}

var errRemoved = errors.New("the member was disconnected")

// until returns the ids that come before one, or an error if that is late.
func (s *seat) until(id string, patience time.Duration) (got []string, err error) {
	for late := time.After(patience); ; {
		select {
		case text := <-s.in:
			if text.ID == id {
				return got, nil
			}
			got = append(got, text.ID)
		case <-s.code:
			return got, errRemoved
		case <-late:
			return got, fmt.Errorf("%s has not come after %v", id, patience)
		}
	}
}

// want fails the test if anything but these ids comes in time.
func (s *seat) want(patience time.Duration, ids ...string) {
	s.t.Helper()
	got, err := s.until(ids[len(ids)-1], patience)
	if got = append(got, ids[len(ids)-1]); err != nil || !slices.Equal(got, ids) {
		s.t.Errorf("got %q, %v, want %q", got, err, ids)
	}
}

// ids are what a seat has missed.
func (s *seat) ids() (all []string) {
	for _, said := range s.missed.Messages {
		all = append(all, said.Value.ID)
	}
	return all
}
