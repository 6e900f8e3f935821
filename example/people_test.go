package main

import (
	"fmt"
	"net/http/httptest"
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
		bo.sees("+ANN")
		network.Start()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		first.sees("+Bo")
		first.silent()
		bo.sees("-ANN", "+Ann")
		second.sees("-ANN", "+Ann")
		second.ends(closeTaken, taken)
		first.leaves()
		bo.sees("-Ann")
	})
}

// The lobby is told of rooms with people in them. A client that visits many rooms leaves
// none behind, and keeps nobody out of another.
func TestRooms(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		for i := range 1000 {
			c := n.dial(fmt.Sprint("room ", i), "Ann", "")
			c.next("welcome")
			c.Close()
		}
		time.Sleep(time.Minute)
		n.join("garden", "Ann")
		bo := n.join("cellar", "Bo")
		n.join("cellar", "Cleo")
		bo.sees("+Cleo")
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

// A crowd that arrives at once, as when two halves of a network meet, is one large message.
func TestCrowd(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann := n.join("room", "Ann")
		var crowd []presence.Change[Person]
		for i := range 2000 {
			p := Person{ID: fmt.Sprint("somebody ", i), Name: "Somebody"}
			crowd = append(crowd, presence.Change[Person]{After: []presence.Visit[Person]{{Value: p}}})
		}
		n.changed(n.people, "room", crowd)
		if got := len(ann.next("news").Joined); got != len(crowd) {
			t.Errorf("%d people came, want %d", got, len(crowd))
		}
	})
}
