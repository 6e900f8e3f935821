package e2e

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

// These programs are written the way people wrote them for the original library.

// This handler only waits for done, and never reads: a select with one case.
func TestWaitsForDoneAlone(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]any{
		"receives from done": func(done <-chan bool) { <-done },
		"select": func(done <-chan bool) {
			//lint:ignore S1000 the program is as it was written
			select {
			case <-done:
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
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

// This handler only sends, from a ticker, and ends with a code and a return.
func TestTickerAndDisconnect(t *testing.T) {
	handler := func(sender chan<- string, disconnect chan<- int) {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for i := range 10 {
			<-ticker.C
			sender <- fmt.Sprint(i)
		}
		disconnect <- websocket.CloseGoingAway
		//lint:ignore S1023 the program is as it was written
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

// Two sends, then a code on disconnect, then a return at once.
func TestSendsDisconnectReturn(t *testing.T) {
	handler := func(sender chan<- *note, disconnect chan<- int) {
		sender <- &note{Text: "one"}
		sender <- &note{Text: "two"}
		disconnect <- websocket.ClosePolicyViolation
	}
	server := wstest.NewServer(t,
		apptest.App(apptest.JSON(&note{}, apptest.Silent()), handler))
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
	t.Parallel()
	server := wstest.NewServer(t,
		apptest.App(apptest.Text(&sockets.Options{WriteWait: 0, PongWait: 0,
			SkipLogging: true}), apptest.Echo[string]))
	client := server.Dial("/ws", nil)

	for i := range 100 {
		client.Send(wstest.Text(fmt.Sprint(i)))
		if _, got := client.ReadMessage(); string(got) != fmt.Sprint(i) {
			t.Fatalf("message %d = %s", i, got)
		}
	}
}

// Other goroutines use the five channels in a struct. The message has an
// interface{} field.
func TestChannelsInOtherGoroutines(t *testing.T) {
	handler := func(receiver <-chan *note, sender chan<- *note, done <-chan bool,
		disconnect chan<- int, errs <-chan error) {
		one := &client{receiver, sender, done, errs, disconnect}
		quit := make(chan bool)
		var echoing sync.WaitGroup
		echoing.Go(func() { one.echo(quit) })
		<-one.done
		close(quit)
		echoing.Wait()
	}
	server := wstest.NewServer(t,
		apptest.App(apptest.JSON(note{}, apptest.Silent()), handler))
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

func (c *client) echo(quit <-chan bool) {
	for {
		select {
		case n := <-c.receiver:
			if n.Text == "bye" {
				c.disconnect <- 4000
			}
			c.sender <- n
		case <-quit:
			return
		}
	}
}
