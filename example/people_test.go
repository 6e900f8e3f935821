package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

func TestPeopleOfBothNodes(t *testing.T) {
	twoNodes(t, func(t *testing.T, a, b *node, _ *brokertest.Memory) {
		ann, _ := a.join("room", "Ann")
		time.Sleep(time.Second)
		bo, welcome := b.join("room", "Bo")
		if got := namesOf(welcome.Joined); len(got) != 2 || got[0] != "Ann" {
			t.Errorf("people = %q, want Ann and Bo", got)
		}
		ann.sees("+Bo")
		b.dial("room", "ann", "another key").ends(closeRefused, taken)
		bo.leaves()
		ann.sees("-Bo")
	})
}

// Two nodes that do not hear each other both give away a name. When they do, the first
// keeps it.
func TestRaceForAName(t *testing.T) {
	twoNodes(t, func(t *testing.T, a, b *node, network *brokertest.Memory) {
		bo, _ := b.join("room", "Bo")
		network.Stop()
		time.Sleep(time.Minute)
		first, _ := a.join("room", "Ann")
		time.Sleep(time.Second)
		second, _ := b.join("room", "ANN")
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

func TestRooms(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann, _ := n.join("garden", "Ann")
		bo, _ := n.join("cellar", "Bo")
		bo.asks(&Message{Kind: "say", ID: "1"}) // says nothing
		start := time.Now()
		ann.says("1", "text")
		bo.silent() // in another room
		synctest.Wait()
		w := httptest.NewRecorder()
		n.rooms(w)
		var got map[string][]Person
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 2 {
			t.Fatalf("rooms = %s, %v", w.Body, err)
		}
		if p := got["garden"][0]; p.Name != "Ann" || p.Spoke.Before(start) {
			t.Errorf("garden = %+v, want Ann, who has just spoken", p)
		}
		if p := got["cellar"][0]; p.Name != "Bo" || !p.Spoke.IsZero() {
			t.Errorf("cellar = %+v, want Bo, who has never spoken", p)
		}
	})
}

// A crowd that arrives at once, as when two halves of a network meet, is one large message.
func TestCrowd(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann, _ := n.join("room", "Ann")
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
