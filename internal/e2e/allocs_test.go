package e2e

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// chat is a typical message.
type chat struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Room int    `json:"room"`
}

var chatJSON = []byte(`{"name":"Ada","text":"hello, world","room":7}`)

// each is one direction of one kind of message. A step passes on one message:
// either the client sends the bytes in sent and the handler reports that it
// took a message, or the handler sends and the client receives that many bytes.
type each struct {
	name     string
	kind     any // the library's handler
	serve    func(steps <-chan bool, taken chan<- bool) any
	sent     []byte
	received int
	goal     float64
}

func eachDirection(tb testing.TB) []each {
	jsonIn, jsonOut := jsonAllocs(tb)
	const text = "twenty-four bytes of text"
	messages, typed := apptest.Text(apptest.Silent()),
		apptest.JSON(chat{}, apptest.Silent())
	return []each{
		{name: "text in", kind: messages, serve: taker[string],
			sent: wstest.Bytes(wstest.Text(text)), goal: 1},
		{name: "text out", kind: messages, serve: giver(text), received: 2 + len(text),
			goal: 0},
		{name: "prepared out", kind: messages, serve: giver(apptest.Prepared(tb, text)),
			received: 2 + len(text), goal: 0},
		{name: "JSON in", kind: typed, serve: taker[*chat],
			sent: wstest.Bytes(wstest.Text(string(chatJSON))), goal: jsonIn},
		{name: "JSON out", kind: typed, serve: giver(&chat{"Ada", "hello, world", 7}),
			received: 2 + len(chatJSON), goal: jsonOut},
	}
}

// taker returns a handler that only receives.
func taker[M any](_ <-chan bool, taken chan<- bool) any {
	return func(receiver <-chan M, done <-chan bool) {
		for {
			select {
			case <-receiver:
				taken <- true
			case <-done:
				return
			}
		}
	}
}

// giver returns a handler that sends m at each step.
func giver[M any](m M) func(<-chan bool, chan<- bool) any {
	return func(steps <-chan bool, _ chan<- bool) any {
		return func(sender chan<- M, done <-chan bool) {
			for {
				select {
				case <-steps:
					sender <- m
				case <-done:
					return
				}
			}
		}
	}
}

// jsonAllocs returns what encoding/json itself allocates to decode and to
// encode a chat.
func jsonAllocs(tb testing.TB) (in, out float64) {
	in = testing.AllocsPerRun(1000, func() {
		if err := json.Unmarshal(chatJSON, new(chat)); err != nil {
			tb.Fatal(err)
		}
	})
	encoder := json.NewEncoder(io.Discard)
	message := &chat{"Ada", "hello, world", 7}
	out = testing.AllocsPerRun(1000, func() { encoder.Encode(message) })
	return in, out
}

// stepper returns a function that passes one message over loopback TCP, and
// allocates nothing itself.
func (e each) stepper(tb testing.TB) (step func()) {
	steps, taken := make(chan bool), make(chan bool, 1)
	server := wstest.Serve(tb, wstest.ListenTCP(),
		&http.Server{Handler: apptest.App(e.kind, e.serve(steps, taken))})
	conn := server.Dial("/ws", nil).Conn
	conn.(*net.TCPConn).SetDeadline(time.Time{})
	buf := make([]byte, e.received)
	if e.sent != nil {
		return func() {
			conn.Write(e.sent)
			<-taken
		}
	}
	return func() {
		steps <- true
		io.ReadFull(conn, buf)
	}
}

// Allocations for each message stay within the goal.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops at random under the race detector")
	}
	for _, e := range eachDirection(t) {
		t.Run(e.name, func(t *testing.T) {
			step := e.stepper(t)
			step()
			// A garbage collection empties the pools, which is not the message's fault.
			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			if got := testing.AllocsPerRun(1000, step); got > e.goal {
				t.Errorf("allocations = %v, want at most %v", got, e.goal)
			}
		})
	}
}

// One message at a time passes in one direction over loopback TCP.
func BenchmarkMessage(b *testing.B) {
	for _, e := range eachDirection(b) {
		b.Run(e.name, func(b *testing.B) {
			step := e.stepper(b)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
