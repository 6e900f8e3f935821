package rooms_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// The bounds of the model: small, so that random steps meet all of them.
const (
	modelBacklog = 4
	modelBytes   = 60
	modelGrace   = time.Second + time.Nanosecond // never reached by whole milliseconds
)

// modelMember is the plain reference: what a member must have got, counted by hand.
type modelMember struct {
	*client[string]
	node, name int
	room       string
	latest     func(string) string

	got     []string  // what the test took
	pending []string  // in the channel and in the backlog
	lot     int       // so many of the backlog are not replaced any more
	since   time.Time // since when the backlog stands still
	closed  bool      // the sender
	out     bool
	reason  error // of the removal
	prefill bool  // a code waits in disconnect
}

func (m *modelMember) backlog() []string { return m.pending[min(len(m.pending), cap(m.in)):] }

// broadcast is what must happen to a member.
func (m *modelMember) broadcast(msg string) {
	switch {
	case m.closed:
		m.remove(rooms.ErrSenderClosed)
		return
	case len(m.pending) == cap(m.in):
		m.since = time.Now()
	}
	open := min(len(m.pending), cap(m.in)) + m.lot
	for i := open; i < len(m.pending); i++ {
		if m.latest(msg) != "" && m.latest(m.pending[i]) == m.latest(msg) {
			m.pending = slices.Delete(m.pending, i, i+1)
		}
	}
	m.pending = append(m.pending, msg)
	if waiting := m.backlog(); len(waiting) > modelBacklog ||
		len(strings.Join(waiting, "")) > modelBytes {
		m.remove(rooms.ErrBacklog)
	}
}

// began notes that the next lot has begun, if the last is out.
func (m *modelMember) began() {
	if m.lot == 0 {
		m.lot = len(m.backlog())
	}
}

// remove leaves what is in the channel.
func (m *modelMember) remove(reason error) {
	m.out, m.reason = true, reason
	m.pending = m.pending[:min(len(m.pending), cap(m.in))]
}

type model struct {
	t        *testing.T
	rand     *rand.Rand
	nodes    []*rooms.Rooms[string]
	removals chan removal
	members  []*modelMember
	messages int
	names    int
	latest   func(string) string
	retained map[place][]string // nil if nothing is kept
}

// place is a room with members at a node.
type place struct {
	node int
	room string
}

func newModel(t *testing.T, seed uint64) *model {
	o, removals := watched(rooms.Options[string]{
		Backlog: modelBacklog, BacklogBytes: modelBytes, Grace: modelGrace,
	})
	m := &model{t: t, rand: rand.New(rand.NewPCG(seed, 4)), removals: removals}
	m.latest = func(string) string { return "" }
	if o.Retain = m.rand.IntN(3) == 0; o.Retain {
		m.retained = make(map[place][]string)
	}
	if o.Retain || m.rand.IntN(2) == 0 {
		m.latest, o.Latest = keyOf, keyOf
	}
	var network brokertest.Memory
	for range 1 + m.rand.IntN(2) {
		o.Broker = network.Broker()
		m.nodes = append(m.nodes, rooms.New(o))
	}
	return m
}

// TestModel compares rooms under random joins, leaves, broadcasts, stalls and deaths with
// the reference. Contract 9.2, 9.3, 9.4.
func TestModel(t *testing.T) {
	seeds := uint64(200)
	if testing.Short() {
		seeds = 30
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			m := newModel(t, seed)
			for step := 0; step < 150 && !t.Failed(); step++ {
				did := m.step()
				synctest.Wait()
				m.check(fmt.Sprintf("seed %d, step %d: %s", seed, step, did))
			}
			for _, member := range m.members {
				member.Leave()
			}
		})
	}
}

func (m *model) step() string {
	switch n := m.rand.IntN(100); {
	case n < 12 || len(m.members) == 0:
		return m.join()
	case n < 60:
		return m.broadcast()
	case n < 85:
		return m.take()
	case n < 90:
		return m.sleep()
	case n < 93:
		return m.closeSender()
	default:
		return m.leave()
	}
}

func (m *model) any() *modelMember { return m.members[m.rand.IntN(len(m.members))] }

func (m *model) room() string { return []string{"lobby", ""}[m.rand.IntN(2)] }

func (m *model) join() string {
	m.names++
	member := &modelMember{
		node: m.rand.IntN(len(m.nodes)), name: m.names, room: m.room(), latest: m.latest,
		prefill: m.rand.IntN(4) == 0,
	}
	member.client = join(m.t, m.nodes[member.node], member.room, m.rand.IntN(4), m.names)
	if member.prefill {
		member.disconnect <- 1000
	}
	for _, msg := range m.retained[place{member.node, member.room}] {
		member.broadcast(msg)
	}
	m.members = append(m.members, member)
	return fmt.Sprintf("join %d %q", m.names, member.room)
}

func (m *model) broadcast() string {
	m.messages++
	key := []string{"", "a=", "b=", "c="}[m.rand.IntN(4)]
	msg := fmt.Sprint(key, m.messages, strings.Repeat("x", m.rand.IntN(20)))
	member, room, except := m.any(), m.room(), (*modelMember)(nil)
	var err error
	switch m.rand.IntN(4) {
	case 0:
		room, err = member.room, member.Broadcast(msg)
	case 1:
		room, except, err = member.room, member, member.BroadcastOthers(msg)
	case 2:
		err = m.nodes[member.node].Broadcast(room, msg)
	case 3:
		except, err = member, m.nodes[member.node].BroadcastExcept(room, msg, member.Member)
	}
	if err != nil {
		m.t.Errorf("broadcast = %v, want no error", err)
	}
	for _, other := range m.members {
		if other.room == room && other != except && !other.out {
			other.broadcast(msg)
		}
	}
	m.retain(room, msg)
	return fmt.Sprintf("broadcast %s to %q", msg, room)
}

// retain is what each node keeps of msg that has, or had just now, members in the room.
func (m *model) retain(room, msg string) {
	for at, kept := range m.retained {
		if key := m.latest(msg); key != "" && at.room == room {
			kept = slices.DeleteFunc(kept, func(old string) bool {
				return m.latest(old) == key
			})
			kept = append(kept, msg)
			for len(kept) > modelBacklog/2 || len(strings.Join(kept, "")) > modelBytes/2 {
				kept = kept[1:]
			}
			m.retained[at] = kept
		}
	}
}

func (m *model) take() string {
	member := m.any()
	n := min(m.rand.IntN(4), len(member.pending))
	want := slices.Clone(member.pending[:n])
	for range n {
		member.got = append(member.got, <-member.in)
		synctest.Wait()
		if len(member.pending) > cap(member.in) {
			member.lot--
		}
		member.pending = member.pending[1:]
		member.began()
		member.since = time.Now()
	}
	if got := member.got[len(member.got)-n:]; !slices.Equal(got, want) {
		m.t.Errorf("member %d took %q, want %q", member.name, got, want)
	}
	return fmt.Sprintf("take %d of member %d", n, member.name)
}

func (m *model) sleep() string {
	d := time.Duration(m.rand.IntN(800)) * time.Millisecond
	time.Sleep(d)
	for _, member := range m.members {
		if !member.out && len(member.backlog()) > 0 && time.Since(member.since) > modelGrace {
			member.remove(rooms.ErrStalled)
		}
	}
	return fmt.Sprintf("sleep %v", d)
}

func (m *model) closeSender() string {
	member := m.any()
	if !member.closed {
		close(member.in)
		if !member.out && len(member.backlog()) > 0 {
			member.remove(rooms.ErrSenderClosed)
		}
		member.closed = true
	}
	return fmt.Sprintf("close %d", member.name)
}

func (m *model) leave() string {
	member := m.any()
	member.Leave()
	if !member.out {
		member.remove(nil)
	}
	return fmt.Sprintf("leave %d", member.name)
}

// check compares what can be seen from outside.
func (m *model) check(step string) {
	count, behind := map[string]int{}, 0
	for _, member := range m.members {
		member.began()
		if got, want := len(member.in), min(len(member.pending), cap(member.in)); got != want {
			m.t.Errorf("%s: member %d has %d messages in its channel, want %d",
				step, member.name, got, want)
		}
		if !member.out {
			count[fmt.Sprint(member.node, member.room)]++
			behind += min(1, len(member.backlog()))
		}
		m.checkRemoval(step, member)
	}
	for i, r := range m.nodes {
		for _, room := range []string{"lobby", ""} {
			if got, want := r.Len(room), count[fmt.Sprint(i, room)]; got != want {
				m.t.Errorf("%s: node %d: Len(%q) = %d, want %d", step, i, room, got, want)
			}
			if at := (place{i, room}); count[fmt.Sprint(i, room)] == 0 {
				delete(m.retained, at)
			} else if _, listens := m.retained[at]; m.retained != nil && !listens {
				m.retained[at] = nil // it listens from now on
			}
		}
		behind -= r.Stats().Behind
	}
	if behind != 0 {
		m.t.Errorf("%s: %d fewer members behind than wanted", step, behind)
	}
	if len(m.removals) > 0 {
		m.t.Errorf("%s: OnRemove(%v), want no such call", step, <-m.removals)
	}
}

// checkRemoval sees that a removal is told once, in its step.
func (m *model) checkRemoval(step string, member *modelMember) {
	if member.reason == nil {
		return
	}
	want, got := removal{member.room, member.name, member.reason}, removal{}
	for range len(m.removals) {
		if got = <-m.removals; got == want {
			break
		}
		m.removals <- got // another member's
	}
	code := 1013
	if member.prefill {
		code = 1000
	} else if member.reason == rooms.ErrSenderClosed {
		code = 0
	}
	if gotCode := member.code(); got != want || gotCode != code {
		m.t.Errorf("%s: OnRemove(%v) and code %d, want %v and %d",
			step, got, gotCode, want, code)
	}
	member.reason = nil // told
}
