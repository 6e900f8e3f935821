package main

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// Two nodes that do not hear each other both give away a name. When they do, the first
// keeps it.
func TestRaceForAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := new(brokertest.Memory)
		a, b := newNode(t, network.Broker()), newNode(t, network.Broker())
		bo := b.join("room", "Bo")
		network.Stop()
		time.Sleep(time.Minute)
		first := a.join("room", "Ann")
		time.Sleep(time.Second)
		second := b.join("room", "ANN")
		bo.gets("+ANN")
		network.Start()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		first.gets("+Bo")
		first.silent()
		bo.gets("-ANN +Ann")
		second.gets("-ANN +Ann")
		second.gets("close 4001: " + taken)
		first.Close()
		bo.gets("-Ann")
	})
}

// The lobby is told of rooms with people in them. A client that visits many rooms leaves
// none behind, and keeps nobody out of another.
func TestRooms(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		for i := range 1000 {
			c := n.dial(fmt.Sprint("room ", i), "Ann", "")
			c.gets("welcome")
			c.Close()
		}
		time.Sleep(time.Minute)
		n.join("garden", "Ann")
		bo := n.join("cellar", "Bo")
		n.join("cellar", "Cleo")
		bo.gets("+Cleo")
		w := httptest.NewRecorder()
		n.rooms(w)
		if got, want := w.Body.String(), `{"cellar":2,"garden":1}`+"\n"; got != want {
			t.Errorf("rooms = %s, want %s", got, want)
		}
		for _, names := range [][]string{n.said.Names(), n.news.Names()} {
			if len(names) != 2 {
				t.Errorf("rooms = %q, want none that is empty", names)
			}
		}
	})
}

// A crowd that arrives at once is one large message, as when two halves of a network
// meet again.
func TestCrowd(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann := n.join("room", "Ann")
		one := presence.Change[Person]{After: []presence.Visit[Person]{{Value: Person{ID: "1"}}}}
		crowd := slices.Repeat([]presence.Change[Person]{one}, 4000)
		n.changed(n.people, "room", crowd)
		if news := ann.read(); news == nil || len(news.Joined) != len(crowd) {
			t.Errorf("%.200v came, want %d people", news, len(crowd))
		}
	})
}
