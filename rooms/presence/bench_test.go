package presence_test

import (
	"fmt"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// One person comes into a room of many, and leaves it.
func BenchmarkPresenceEnter(b *testing.B) {
	p := fullRoom(b, 1000)
	for b.Loop() {
		enter(b, p, "lobby", "ann", "x").Leave()
	}
}

func BenchmarkPresenceList(b *testing.B) {
	for _, people := range []int{10, 1000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			p := fullRoom(b, people)
			for b.Loop() {
				p.List("lobby")
			}
		})
	}
}

func fullRoom(b *testing.B, people int) *presence.Presence[string] {
	p := presence.New[string](nil)
	b.Cleanup(p.Close)
	for i := range people {
		enter(b, p, "lobby", fmt.Sprint("guest ", i), "x")
	}
	return p
}
