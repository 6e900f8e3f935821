package sockets_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// The programs here are what was written on top of the original, the way it was
// written.

// clients is the list, the mutex and the loop of sends.
type clients struct {
	sync.Mutex
	list []*client
}

// client is the five channels in a struct.
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

// Contract 3.10: the room broadcasts while it holds its mutex, and clients,
// removed under the same mutex when done fires, die by reset meanwhile. The
// room goes on, and the healthy client gets everything.
func TestRoomUnderAMutex(t *testing.T) {
	wstest.NoLeaks(t)
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
		apptest.App(sockets.JSON(note{}, apptest.Silent()), handler))
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

// A handler that waits for done alone and never reads; select with done as its
// only case.
func TestWaitsForDoneAlone(t *testing.T) {
	for name, handler := range map[string]any{
		"receives from done": func(done <-chan bool) { <-done },
		"select": func(done <-chan bool) {
			// lint:ignore S1000 the program is as it was written
			select {
			case <-done:
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			wstest.NoLeaks(t)
			server := wstest.NewServer(t, apptest.Messages(handler))
			client := server.Dial("/ws", nil)

			for range 8 {
				client.Send(wstest.Text("unread"))
			}
			client.Send(wstest.Close(1000, ""))

			if code, _ := client.ReadClose(); code != 1000 {
				t.Errorf("close code = %d, want 1000", code)
			}
		})
	}
}

// A handler that only sends, from a ticker, and ends with a code and a return.
func TestTickerAndDisconnect(t *testing.T) {
	wstest.NoLeaks(t)
	handler := func(sender chan<- string, disconnect chan<- int) {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for i := range 10 {
			<-ticker.C
			sender <- fmt.Sprint(i)
		}
		disconnect <- websocket.CloseGoingAway
		// lint:ignore S1023 the program is as it was written
		return
	}
	server := wstest.NewServer(t, apptest.Messages(handler))
	client := server.Dial("/ws", nil)

	for i := range 10 {
		if _, got := client.ReadMessage(); string(got) != fmt.Sprint(i) {
			t.Errorf("message %d = %s", i, got)
		}
	}
	if code, _ := client.ReadClose(); code != websocket.CloseGoingAway {
		t.Errorf("close code = %d, want 1001", code)
	}
	client.Send(wstest.Close(1001, ""))
}

// Two sends, then disconnect, then return at once.
func TestSendsDisconnectReturn(t *testing.T) {
	wstest.NoLeaks(t)
	handler := func(sender chan<- *note, disconnect chan<- int) {
		sender <- &note{Text: "one"}
		sender <- &note{Text: "two"}
		disconnect <- websocket.ClosePolicyViolation
	}
	server := wstest.NewServer(t,
		apptest.App(sockets.JSON(&note{}, apptest.Silent()), handler))
	for range 50 {
		client := server.Dial("/ws", nil)

		_, one := client.ReadMessage()
		_, two := client.ReadMessage()
		code, _ := client.ReadClose()
		client.Send(wstest.Close(code, ""))

		if string(one) != `{"Text":"one"}` || string(two) != `{"Text":"two"}` ||
			code != websocket.ClosePolicyViolation {
			t.Fatalf("received %s, %s, %d", one, two, code)
		}
	}
}

// &sockets.Options{WriteWait: 0, PongWait: 0} and a chat of strings.
func TestZeroWaits(t *testing.T) {
	wstest.NoLeaks(t)
	server := wstest.NewServer(t,
		apptest.App(sockets.Messages(&sockets.Options{WriteWait: 0, PongWait: 0,
			SkipLogging: true}), apptest.Echo[string]))
	client := server.Dial("/ws", nil)

	for i := range 100 {
		client.Send(wstest.Text(fmt.Sprint(i)))
		if _, got := client.ReadMessage(); string(got) != fmt.Sprint(i) {
			t.Fatalf("message %d = %s", i, got)
		}
	}
}

// The five channels in a struct, used from other goroutines; a message with an
// interface{} field.
func TestChannelsInOtherGoroutines(t *testing.T) {
	wstest.NoLeaks(t)
	handler := func(receiver <-chan *note, sender chan<- *note, done <-chan bool,
		disconnect chan<- int, errs <-chan error) {
		one := &client{receiver, sender, done, errs, disconnect}
		quit := make(chan bool)
		finished := make(chan bool)
		go func() {
			defer close(finished)
			for {
				select {
				case n := <-one.receiver:
					if n.Text == "bye" {
						one.disconnect <- 4000
					}
					one.sender <- n
				case <-quit:
					return
				}
			}
		}()
		<-one.done
		close(quit)
		<-finished
	}
	server := wstest.NewServer(t,
		apptest.App(sockets.JSON(note{}, apptest.Silent()), handler))
	client := server.Dial("/ws", nil)

	for _, text := range []string{`{"Text":"a","Payload":1.5}`,
		`{"Text":"b","Payload":["x",{"y":null}]}`, `{"Text":"c","Payload":{"d":true}}`} {
		client.Send(wstest.Text(text))
		if _, got := client.ReadMessage(); string(got) != text {
			t.Errorf("echo = %s, want %s", got, text)
		}
	}
	client.Send(wstest.Text(`{"Text":"bye"}`))
	if code, _ := client.ReadClose(); code != 4000 {
		t.Errorf("close code = %d, want 4000", code)
	}
	client.Send(wstest.Close(4000, ""))
}

// A chat of strings: what one says all get, in one order.
func TestChatOfStrings(t *testing.T) {
	wstest.NoLeaks(t)
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
