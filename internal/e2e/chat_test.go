package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// clients is a typical room: a list, a mutex and a loop that sends.
type clients struct {
	sync.Mutex
	list []*client
}

// client holds the five channels of a connection.
type client struct {
	receiver   <-chan *note
	sender     chan<- *note
	done       <-chan bool
	errors     <-chan error
	disconnect chan<- int
}

type note struct {
	Text    string
	Payload interface{} `json:",omitempty"`
}

func (c *clients) add(one *client) {
	c.Lock()
	defer c.Unlock()
	c.list = append(c.list, one)
}

func (c *clients) remove(one *client) {
	c.Lock()
	defer c.Unlock()
	for i, other := range c.list {
		if other == one {
			c.list = append(c.list[:i], c.list[i+1:]...)
			return
		}
	}
}

func (c *clients) broadcast(n *note) {
	c.Lock()
	defer c.Unlock()
	for _, one := range c.list {
		one.sender <- n
	}
}

func (c *clients) len() int {
	c.Lock()
	defer c.Unlock()
	return len(c.list)
}

// Contract 3.10: a room broadcasts with its mutex locked, and removes a client
// with the same mutex after done. Meanwhile clients vanish by reset. The room
// does not stop, and the healthy client receives everything.
func TestRoomUnderAMutex(t *testing.T) {
	const broadcasts = 2000
	room := &clients{}
	handler := func(receiver <-chan *note, sender chan<- *note, done <-chan bool,
		disconnect chan<- int, errs <-chan error) (int, string) {
		one := &client{receiver, sender, done, errs, disconnect}
		room.add(one)
		for {
			select {
			case n := <-one.receiver:
				room.broadcast(n)
			case <-one.errors:
			case <-one.done:
				room.remove(one)
				return 200, "OK"
			}
		}
	}
	server := wstest.NewServer(t,
		apptest.App(apptest.JSON(note{}, apptest.Silent()), handler))
	healthy := server.Dial("/ws", nil)
	var dying []*wstest.Raw
	for range 20 {
		dying = append(dying, server.Dial("/ws", nil))
	}
	for room.len() < 21 {
		time.Sleep(time.Millisecond)
	}

	go func() {
		for i := range broadcasts {
			if i%100 == 50 && i/100 < len(dying) {
				dying[i/100].Reset()
			}
			room.broadcast(&note{Text: fmt.Sprint(i)})
		}
	}()

	for i := range broadcasts {
		if _, got := healthy.ReadMessage(); string(got) != fmt.Sprintf(`{"Text":"%d"}`,
			i) {
			t.Fatalf("message %d = %s", i, got)
		}
	}
	deadline := time.Now().Add(wstest.Wait)
	for ; room.len() > 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("clients left = %d, want 1", room.len())
		}
	}
}

// In a chat of strings, everyone receives what anyone says, in one order.
func TestChatOfStrings(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	senders := map[chan<- string]bool{}
	handler := func(receiver <-chan string, sender chan<- string, done <-chan bool) {
		mu.Lock()
		senders[sender] = true
		mu.Unlock()
		sender <- "welcome"
		for {
			select {
			case m := <-receiver:
				mu.Lock()
				for s := range senders {
					s <- m
				}
				mu.Unlock()
			case <-done:
				mu.Lock()
				delete(senders, sender)
				mu.Unlock()
				return
			}
		}
	}
	server := wstest.NewServer(t, apptest.Messages(handler))
	var people []*wstest.Raw
	for range 3 {
		p := server.Dial("/ws", nil)
		p.ReadMessage()
		people = append(people, p)
	}

	var said [3][]string
	for i, p := range people {
		for j := range 10 {
			p.Send(wstest.Text(fmt.Sprint(i, j)))
		}
	}
	for i, p := range people {
		for range 30 {
			_, m := p.ReadMessage()
			said[i] = append(said[i], string(m))
		}
	}
	if a, b, c := fmt.Sprint(said[0]), fmt.Sprint(said[1]), fmt.Sprint(said[2]); a != b ||
		b != c {
		t.Errorf("what was heard differs:\n%s\n%s\n%s", a, b, c)
	}
}
