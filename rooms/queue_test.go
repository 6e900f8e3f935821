package rooms

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// plainQueue is what a queue must be like: it looks through all of its messages.
type plainQueue struct {
	messages []sized[int]
	settled  int
}

func (p *plainQueue) put(msg sized[int]) {
	for i := p.settled; i < len(p.messages); i++ {
		if msg.key != "" && p.messages[i].key == msg.key {
			p.messages = slices.Delete(p.messages, i, i+1)
		}
	}
	p.messages = append(p.messages, msg)
}

func (p *plainQueue) shift() {
	p.messages = p.messages[1:]
	p.settled = max(p.settled-1, 0)
}

func (p *plainQueue) bytes() (n int) {
	for _, msg := range p.messages {
		n += msg.size
	}
	return n
}

// Contract 9.10: random steps leave the queue like the plain one, and never with
// more that was replaced than what it holds.
func TestQueue(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		var q queue[int]
		var want plainQueue
		keys := 1 + r.IntN(30)
		taking := 1 + r.IntN(6)
		for step := range 400 {
			switch n := r.IntN(12); {
			case n == 0 && q.settled == 0:
				q.settle()
				want.settled = len(want.messages)
			case n < taking && q.len() > 0:
				q.shift()
				want.shift()
			case n == 11:
				q.all()
			default:
				msg := sized[int]{message: step, size: r.IntN(5)}
				if k := r.IntN(keys + 1); k > 0 {
					msg.key = fmt.Sprint(k)
				}
				replaced := q.replace(msg.key)
				q.put(msg)
				want.put(msg)
				if replaced && q.replaced > q.len() {
					t.Errorf("seed %d: %d replaced beside %d", seed, q.replaced, q.len())
				}
			}
			if q.len() > 0 && q.messages[0] != want.messages[0] || q.len() != len(want.messages) ||
				q.bytes != want.bytes() {
				t.Fatalf("seed %d, step %d: %+v, want %+v", seed, step, q, want)
			}
		}
		if got := q.all(); !slices.Equal(got, want.messages) {
			t.Errorf("seed %d: %v, want %v", seed, got, want.messages)
		}
	}
}

// keep drops the oldest, in messages and in bytes.
func TestQueueKeeps(t *testing.T) {
	tests := []struct {
		name        string
		keys        string // each message has a key, and the size 1; "-" is no key
		most, bytes int
		want        string
	}{
		{name: "all", keys: "abc", want: "abc"},
		{name: "the newest of each", keys: "abacab", want: "cab"},
		{name: "so many", keys: "abcd", most: 2, want: "cd"},
		{name: "what was replaced does not count", keys: "abababab", most: 2, want: "ab"},
		{name: "so many bytes", keys: "abcd", bytes: 3, want: "bcd"},
		{name: "a key that was dropped", keys: "abcabc", most: 2, want: "bc"},
		{name: "without keys", keys: "--a-a", most: 3, want: "--a"},
	}
	for _, test := range tests {
		var q queue[int]
		for i, key := range test.keys {
			msg := sized[int]{message: i, size: 1}
			if key != '-' {
				msg.key = string(key)
			}
			q.keep(msg, cmp.Or(test.most, 100), cmp.Or(test.bytes, 100))
		}
		got := ""
		for _, msg := range q.all() {
			got += cmp.Or(msg.key, "-")
		}
		if got != test.want {
			t.Errorf("%s: kept %s, want %s", test.name, got, test.want)
		}
	}
}

// What was moved does not stay where it was: it would not be freed when it is sent.
func TestQueueMoves(t *testing.T) {
	var q queue[int]
	for i := range 10 {
		q.put(sized[int]{message: 1 + i, key: fmt.Sprint(i)})
	}
	for i := range 6 {
		q.replace(fmt.Sprint(1 + i))
	}
	n := len(q.messages)
	for _, msg := range q.messages[n:cap(q.messages)] {
		if n != 4 || msg.message != 0 {
			t.Errorf("behind %d messages there still is %d, want 4, and nothing", n, msg.message)
		}
	}
}

// What was sent or replaced is freed, although its place in the array is still there.
func TestQueueFrees(t *testing.T) {
	var q queue[int]
	for i := range 4 {
		q.put(sized[int]{message: 1 + i, key: fmt.Sprint(i)})
	}
	array := q.messages
	q.shift()
	q.replace("2")
	for i, want := range []int{0, 2, 0, 4} {
		if got := array[i].message; got != want {
			t.Errorf("place %d has message %d, want %d", i, got, want)
		}
	}
}

// Contract 9.10: replacing takes the same time, however many messages wait. So they move
// only when half of them were replaced.
func TestQueueMovesSeldom(t *testing.T) {
	const keys, rounds = 1000, 3
	var q queue[int]
	for i := range keys {
		q.put(sized[int]{message: i, key: fmt.Sprint(i)})
	}
	moves, before := 0, 0
	for i := range keys * rounds {
		key := fmt.Sprint(keys - 1 - i%keys) // the last one first, which needs a move
		q.replace(key)
		if q.replaced < before {
			moves++
		}
		before = q.replaced
		q.put(sized[int]{message: i, key: key})
	}
	if moves == 0 || moves > rounds {
		t.Errorf("%d messages were replaced with %d moves, want one to %d", keys*rounds, moves,
			rounds)
	}
}
