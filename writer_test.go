package sockets_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// moody is a message whose methods misbehave.
type moody struct{ Text string }

func (m *moody) MarshalJSON() ([]byte, error) {
	switch m.Text {
	case "panic":
		panic("marshal panic")
	case "panic with an error":
		panic(errMoody)
	case "error":
		return nil, errMoody
	case "invalid":
		return []byte("\"\xff\""), nil
	}
	return json.Marshal(m.Text)
}

func (m *moody) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case `"panic"`:
		panic("unmarshal panic")
	case `"error"`:
		return errMoody
	}
	return json.Unmarshal(data, &m.Text)
}

var errMoody = errors.New("moody")

// Contract 3.7, 4.1, 4.2, 4.3: a message that cannot be sent closes with 1011
// and one error. Messages sent before it arrive, and those after it do not.
func TestUnsendable(t *testing.T) {
	for _, test := range []struct {
		name string
		send *moody
		is   error
	}{
		{"panic in MarshalJSON", &moody{"panic"}, nil},
		{"panic with an error", &moody{"panic with an error"}, errMoody},
		{"error of MarshalJSON", &moody{"error"}, errMoody},
		{"too big", &moody{strings.Repeat("a", 1023)}, sockets.ErrMessageTooBig},
		{"not UTF-8", &moody{"invalid"}, sockets.ErrInvalidUTF8},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			var err error
			handler := func(sender chan<- *moody, errs <-chan error, done <-chan bool) {
				sender <- &moody{strings.Repeat("a", 1022)}
				sender <- test.send
				sender <- &moody{"after"}
				err = <-errs
				<-done
			}
			client := socketstest.Dial(t,
				apptest.App(apptest.JSON(moody{},
					apptest.Silent(func(o *sockets.Options) { o.MaxMessageSize = 1024 })),
					handler), "/ws")

			got, end := apptest.All(client)
			synctest.Wait()

			if len(got) != 1 || len(got[0]) != 1024 || apptest.CloseCode(end) != 1011 {
				t.Errorf("received %d messages and %v, want the one before and 1011",
					len(got), end)
			}
			if err == nil || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("error = %v, want %v", err, test.is)
			}
		})
	}
}

// Contract 3.5, 4.2: if a message sent before a regular end turns out to be
// unsendable, it is the reason for the end.
func TestUnsendableBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		handler := func(sender chan<- string, disconnect chan<- int, errs <-chan error) {
			sender <- "good"
			sender <- "bad \xff"
			disconnect <- 1000
			err = <-errs
		}
		client := socketstest.Dial(t, apptest.Messages(handler), "/ws")

		got, end := apptest.All(client)
		synctest.Wait()

		if len(got) != 1 || apptest.CloseCode(end) != 1011 ||
			!errors.Is(err, sockets.ErrInvalidUTF8) {
			t.Errorf("received %q, %v, error %v, want the good one, 1011, ErrInvalidUTF8",
				got, end, err)
		}
	})
}

// Contract 8.1: sending a nil prepared message is the handler's mistake, and
// ends only its connection.
func TestNilPreparedMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		handler := func(prepared chan<- *sockets.Prepared, errs <-chan error) {
			prepared <- nil
			err = <-errs
		}
		client := socketstest.Dial(t, apptest.Messages(handler), "/ws")

		_, end := apptest.All(client)
		synctest.Wait()

		if apptest.CloseCode(end) != 1011 || err == nil {
			t.Errorf("end = %v, error %v, want 1011 and an error", end, err)
		}
	})
}

// Contract 8.1: prepared messages go out unchanged and in order, with and
// without compression, and with back-pressure.
func TestPreparedMessages(t *testing.T) {
	for _, compression := range []bool{false, true} {
		apptest.Bubble(t, fmt.Sprint(compression), func(t *testing.T) {
			handler := func(prepared chan<- *sockets.Prepared) {
				if cap(prepared) != 10 {
					t.Errorf("cap(prepared) = %d, want the sender's", cap(prepared))
				}
				for i := range 1000 {
					prepared <- apptest.Prepared(t, fmt.Sprint("prepared ", i))
				}
			}
			server := socketstest.NewServer(t,
				apptest.Messages(handler, func(o *sockets.Options) {
					o.Upgrader = &websocket.Upgrader{EnableCompression: compression}
				}))
			server.Dialer.EnableCompression = compression
			client, _, err := server.Dial("/ws", nil)
			if err != nil {
				t.Fatal(err)
			}

			got, end := apptest.All(client)

			if len(got) != 1000 || got[0] != "prepared 0" || got[999] != "prepared 999" ||
				apptest.CloseCode(end) != 1000 {
				t.Errorf("received %d messages and %v, want 1000 in order, and 1000",
					len(got), end)
			}
		})
	}
}

// A burst of n messages takes few writes on the network. A single message is
// one write, at once.
func TestWritesOfABurst(t *testing.T) {
	const n = 200
	prepared := apptest.Prepared(t, "prepared")
	for _, test := range []struct {
		name string
		send func(sender chan<- string, prepared chan<- *sockets.Prepared)
	}{
		{"typed",
			func(sender chan<- string, _ chan<- *sockets.Prepared) { sender <- "small" }},
		{"prepared", func(_ chan<- string, p chan<- *sockets.Prepared) { p <- prepared }},
	} {
		t.Run(test.name, func(t *testing.T) {
			listener := wstest.Count(wstest.ListenTCP())
			start, sent := make(chan bool), make(chan bool)
			handler := func(sender chan<- string, p chan<- *sockets.Prepared,
				done <-chan bool) {
				<-start
				test.send(sender, p)
				<-start
				for range n {
					test.send(sender, p)
				}
				sent <- true
				<-done
			}
			server := wstest.Serve(t, listener,
				&http.Server{Handler: apptest.Messages(handler, func(o *sockets.Options) {
					o.SendChannelBuffer = n
				})})
			client := server.Dial("/ws", nil)
			conn := listener.Conn(t)

			before := conn.Writes()
			start <- true
			client.ReadMessage()
			alone := conn.Writes() - before

			// While one write is stalled, the other messages wait in the
			// channel and become one write.
			before = conn.Writes()
			conn.Stall()
			start <- true
			<-sent
			conn.Resume()
			for range n {
				client.ReadMessage()
			}
			burst := conn.Writes() - before

			if alone != 1 || burst > 3 {
				t.Errorf("writes = %d for a message alone, %d for %d that wait, want 1 "+
					"and at most 3", alone, burst, n)
			}
		})
	}
}

// A batch does not delay a ping, and a ping does not split a batch: frames stay
// whole while both sides send all the time.
func TestControlFramesBetweenBatches(t *testing.T) {
	const n = 3000
	handler := func(sender chan<- string, disconnect chan<- int, done <-chan bool) {
		for i := range n {
			sender <- fmt.Sprintf("%d %s", i, strings.Repeat("x", i%1000))
		}
		disconnect <- 1000
		<-done
	}
	server := wstest.NewServer(t, apptest.Messages(handler, func(o *sockets.Options) {
		o.PingPeriod, o.SendChannelBuffer = time.Millisecond, 100
	}))
	client := server.Dial("/ws", nil)
	stop := make(chan bool)
	go func() {
		defer close(stop)
		for range 1000 {
			_, err := client.Conn.Write(wstest.Bytes(wstest.Ping("still there?")))
			if err != nil {
				return
			}
		}
	}()

	for i := range n {
		_, got := client.ReadMessage()
		if want := fmt.Sprintf("%d %s", i,
			strings.Repeat("x", i%1000)); string(got) != want {
			t.Fatalf("message %d = %q, want %q", i, got, want)
		}
	}
	code, _ := client.ReadClose()
	<-stop
	client.Send(wstest.Close(1000, ""))
	if code != 1000 {
		t.Errorf("close code = %d, want 1000", code)
	}
}
