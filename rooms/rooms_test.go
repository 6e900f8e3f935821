package rooms_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 9.2: to all or to all but one, from a member or from outside.
func TestBroadcast(t *testing.T) {
	type chat = rooms.Rooms[string]
	tests := []struct {
		name      string
		broadcast func(r *chat, ann *client[string]) error
		ann, bob  []string
	}{
		{name: "member", ann: []string{"x"}, bob: []string{"x"},
			broadcast: func(_ *chat, ann *client[string]) error {
				return ann.Broadcast("x")
			}},
		{name: "member to others", bob: []string{"x"},
			broadcast: func(_ *chat, ann *client[string]) error {
				return ann.BroadcastOthers("x")
			}},
		{name: "outside", ann: []string{"x"}, bob: []string{"x"},
			broadcast: func(r *chat, _ *client[string]) error {
				return r.Broadcast("lobby", "x")
			}},
		{name: "outside to all but one", bob: []string{"x"},
			broadcast: func(r *chat, ann *client[string]) error {
				return r.BroadcastExcept("lobby", "x", ann.Member)
			}},
		{name: "outside to all but nobody", ann: []string{"x"}, bob: []string{"x"},
			broadcast: func(r *chat, _ *client[string]) error {
				return r.BroadcastExcept("lobby", "x", nil)
			}},
		{name: "room without members",
			broadcast: func(r *chat, _ *client[string]) error {
				return r.Broadcast("nobody", "x")
			}},
		{name: "member that has left", bob: []string{"x"},
			broadcast: func(_ *chat, ann *client[string]) error {
				ann.Leave()
				return ann.Broadcast("x")
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rooms.New[string](nil)
			ann, bob := join(t, r, "lobby", 1, "ann"), join(t, r, "lobby", 1, "bob")
			other := join(t, r, "other", 1, "eve")
			if err := test.broadcast(r, ann); err != nil {
				t.Errorf("broadcast = %v, want no error", err)
			}
			wantMessages(t, "ann", ann.got(), test.ann...)
			wantMessages(t, "bob", bob.got(), test.bob...)
			wantMessages(t, "eve, in another room,", other.got())
		})
	}
}

func TestJoinErrors(t *testing.T) {
	r := rooms.New[string](nil)
	if m, err := r.Join("lobby", nil, make(chan int, 1), nil); m != nil ||
		!errors.Is(err, rooms.ErrNoSender) {
		t.Errorf("Join(nil sender) = %v, %v, want nil, %v", m, err, rooms.ErrNoSender)
	}
	if got := r.Stats(); got != (rooms.Stats{}) {
		t.Errorf("Stats after a refused Join = %+v, want zeros", got)
	}
	ann := join(t, r, "lobby", 1, "ann")
	if m, err := r.Join("lobby", ann.in, ann.disconnect, nil); m != nil ||
		!errors.Is(err, rooms.ErrJoined) {
		t.Errorf("Join(same sender) = %v, %v, want nil, %v", m, err, rooms.ErrJoined)
	}
	if got := r.Stats().Members; got != 1 {
		t.Errorf("Members after a refused Join = %d, want 1", got)
	}
	r.Broadcast("lobby", "once")
	wantMessages(t, "ann", ann.got(), "once")
	if _, err := r.Join("other", ann.in, ann.disconnect, nil); err != nil {
		t.Errorf("Join(same sender, other room) = %v, want no error", err)
	}
	join(t, r, "lobby", 1, "somebody who keeps the room")
	ann.Leave()
	if _, err := r.Join("lobby", ann.in, ann.disconnect, nil); err != nil {
		t.Errorf("Join(same sender, after Leave) = %v, want no error", err)
	}
}

// Who is in a room can be counted and listed. Contract 9.4: without members it
// takes no memory.
func TestWhoIsThere(t *testing.T) {
	r := rooms.New[string](nil)
	ann, bob := join(t, r, "lobby", 1, "ann"), join(t, r, "lobby", 1, "bob")
	eve := join(t, r, "", 1, 17)

	got := r.Members("lobby")
	if len(got) != 2 || !slices.Contains(got, any("ann")) || !slices.Contains(got, any("bob")) {
		t.Errorf("Members(lobby) = %v, want ann and bob", got)
	}
	if got := r.Members(""); len(got) != 1 || got[0] != 17 {
		t.Errorf("Members(empty name) = %v, want [17]", got)
	}
	if got := r.Len("lobby"); got != 2 {
		t.Errorf("Len(lobby) = %d, want 2", got)
	}
	names := r.Names()
	slices.Sort(names)
	if want := []string{"", "lobby"}; !slices.Equal(names, want) {
		t.Errorf("Names = %q, want %q", names, want)
	}
	if got, want := r.Stats(), (rooms.Stats{Rooms: 2, Members: 3}); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
	ann.Leave()
	bob.Leave()
	eve.Leave()
	if got := r.Stats(); got != (rooms.Stats{}) {
		t.Errorf("Stats after all have left = %+v, want zeros", got)
	}
	if got := len(r.Members("lobby")) + r.Len("lobby") + len(r.Names()); got != 0 {
		t.Errorf("Members, Len and Names after all have left: %d, want nothing", got)
	}
}

type prepared struct{ frames []byte } // as *websocket.PreparedMessage: no exported field

// Contract 9.1: the four types of sender.
func TestTypes(t *testing.T) {
	testType(t, &message{Text: "x"})
	testType(t, "x")
	testType(t, []byte("x"))
	testType(t, &prepared{})
}

func testType[M any](t *testing.T, msg M) {
	r := rooms.New[M](nil)
	ann := join(t, r, "lobby", 1, nil)
	defer ann.Leave()
	r.Broadcast("lobby", msg)
	if got := len(ann.got()); got != 1 {
		t.Errorf("a member of a room of %T got %d messages, want 1", msg, got)
	}
}
