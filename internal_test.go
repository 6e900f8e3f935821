package sockets

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wire"
	"github.com/gorilla/websocket"
)

// report never waits for the closer.
func TestReportNeverBlocks(t *testing.T) {
	l := life{endings: make(chan *ending, 1)}
	for range 3 {
		l.report(closedEnding())
	}
	if len(l.endings) != 1 {
		t.Errorf("%d reasons wait, want 1", len(l.endings))
	}
}

// Contract 4.1, 7.2: a group that shuts a connection down in a hurry reports its ending and
// closes the network connection. What the reader sees of that does not count.
func TestDroppedByTheGroup(t *testing.T) {
	s := &session{life: newLife()}
	c := closer[string]{session: s, request: context.Background(),
		timer: time.NewTimer(time.Hour), pulse: pulse{ping: time.Hour, look: time.Hour},
		connection: new(Connection)}
	s.report(groupEnding())
	s.report(networkEnding(net.ErrClosed))
	if e := c.chosen(c.await(), false); e.by != byServer || e.err != nil {
		t.Errorf("ended by %s with %v, want by server with no error", e.by, e.err)
	}
}

// Contract 3.12: no timer holds a connection whose handler has returned.
func TestTimersAreStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := closer[string]{session: &session{config: compile(nil)}}
		fired := false
		c.linger = time.AfterFunc(time.Second, func() { fired = true })
		c.cut = time.AfterFunc(time.Second, func() { fired = true })
		c.stopTimers()
		time.Sleep(time.Minute)
		if fired {
			t.Error("a timer fired after stopTimers")
		}
	})
}

// Contract 3.13: a time that was moved ends nothing, also if its timer has fired already.
// Contract 3.12: no timer holds a connection whose handler has returned.
func TestExpiryIsMoved(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := &Connection{ctx: ctx, disconnect: make(chan int, 1)}
			c.CloseAt(time.Now().Add(time.Second), 4000, "")
			time.Sleep(time.Second) // the timer fires at this moment, before or after
			moved := c.CloseAt(time.Now().Add(time.Second), 4001, "") == nil
			synctest.Wait()
			if moved != (len(c.disconnect) == 0) {
				t.Fatalf("moved %v, %d codes, want one or the other", moved, len(c.disconnect))
			}
			c.expiry.over()
			time.Sleep(time.Hour)
			if len(c.disconnect) == 1 && moved {
				t.Fatal("it ended after the handler had returned")
			}
		})
	}
}

// Contract 7.7: the keys of connections that have ended take no memory.
func TestKeysAreForgotten(t *testing.T) {
	g := Group{MaxPerKey: 2, Key: func(r *http.Request) string { return r.Host }}
	var all []*member
	for _, host := range []string{"a", "a", "b", ""} {
		m, refused := g.join(&http.Request{Host: host})
		if refused != nil {
			t.Fatal(refused.reason)
		}
		all = append(all, m)
	}
	for n, m := range all {
		g.leave(m)
		if want := []int{2, 1, 0, 0}[n]; len(g.keys) != want {
			t.Errorf("%d keys after %d have left, want %d", len(g.keys), n+1, want)
		}
	}
}

// A member that has left no longer holds its connection, even if somebody still
// holds the member.
func TestLeaveLetsGo(t *testing.T) {
	var g Group
	m, err := g.join(nil)
	if err != nil {
		t.Fatal(err)
	}
	m.upgraded(new(bridge[string]))
	g.leave(m)
	if m.conn != nil {
		t.Error("the member has a connection, want none")
	}
	if g.members[:1][0] != nil {
		t.Error("the group still has the member in its memory")
	}
}

// Contract 1.7: the Upgrader sets the sizes of the buffers. Control frames fit
// into them.
func TestBufferSizes(t *testing.T) {
	for _, test := range []struct {
		name     string
		upgrader *websocket.Upgrader
		// own is gorilla's own buffer, in addition to the shared one
		read, shared, own int
	}{
		{"none", nil, 512, 288, 0},
		{"nothing asked for", &websocket.Upgrader{}, 512, 288, 0},
		{"compression", &websocket.Upgrader{EnableCompression: true}, 512, 4096, 0},
		{"sizes", &websocket.Upgrader{ReadBufferSize: 2000, WriteBufferSize: 3000}, 2000,
			288, 3000},
		{"too small a one", &websocket.Upgrader{WriteBufferSize: 1}, 512, 288, 125},
		{"pool", &websocket.Upgrader{WriteBufferPool: noPool{}}, 512, 288, 0},
	} {
		h := newHandshake(&Options{Upgrader: test.upgrader})
		own := h.upgrader.WriteBufferSize
		if h.readBuffer != test.read || h.writeBuffer != test.shared || own != test.own {
			t.Errorf("%s: buffers = %d, %d, %d, want %d, %d, %d", test.name, h.readBuffer,
				h.writeBuffer, own, test.read, test.shared, test.own)
		}
		if h.upgrader.ReadBufferSize != 0 {
			t.Errorf("%s: gorilla does not share the read buffer", test.name)
		}
	}
}

type noPool struct{}

func (noPool) Get() any { return nil }
func (noPool) Put(any)  {}

// Contract 1.2: an Origin or Host that no browser sends is refused before a
// pattern sees it.
func TestOriginOfNoBrowser(t *testing.T) {
	long := strings.Repeat("a", maxOrigin+1)
	for _, test := range []struct {
		name, origin, host string
		want               bool
	}{
		{"ordinary", "http://a", "a", true},
		{"longest", long[1:], long[1:], true},
		{"long Origin", long, "a", false},
		{"long Host", "http://a", long, false},
		{"Origin not UTF-8", "http://\xff", "a", false},
		{"Host not UTF-8", "http://a", "\xff", false},
	} {
		r := &http.Request{Host: test.host, Header: http.Header{"Origin": {test.origin}}}
		if got := newOriginCheck(".*").allows(r); got != test.want {
			t.Errorf("%s: allows() = %t, want %t", test.name, got, test.want)
		}
	}
}

// Only letters have a case. Other bytes may also differ in just that bit.
func TestEqualFold(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"aZ", "Az", true}, {"@", "`", false}, {"[", "{", false}, {"a", "b", false},
		{"-", "\r", false},
	} {
		if got := equalFold(test.a, test.b); got != test.want {
			t.Errorf("equalFold(%q, %q) = %t, want %t", test.a, test.b, got, test.want)
		}
	}
}

// Contract 5.2: a dropped response accepts writes and cannot be hijacked again.
func TestDroppedResponse(t *testing.T) {
	d := droppedResponse{http.Header{}}
	if n, err := d.Write([]byte("abc")); n != 3 || err != nil {
		t.Errorf("Write() = %d, %v, want 3", n, err)
	}
	if _, _, err := d.Hijack(); err != http.ErrHijacked {
		t.Errorf("Hijack() = %v, want %v", err, http.ErrHijacked)
	}
}

// Contract 8.1: a prepared message has the bytes of the moment when it was made.
func TestPreparedKeepsItsBytes(t *testing.T) {
	b := []byte("\x02abc")
	made, read := PrepareBytes(b), new(Prepared)
	if err := read.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	b[1] = 'x'
	if string(made.data) != "\x02abc" || string(read.data) != "abc" {
		t.Errorf("data = %q, %q, want those of before", made.data, read.data)
	}
}

// Contract 2, 3.9: a handler that has received done finds its context cancelled.
func TestContextEndsBeforeDone(t *testing.T) {
	c := closer[string]{
		session: &session{config: compile(nil), member: new(member), life: newLife(),
			wire: wire.New(nil, 0)},
		receiver: make(chan string),
		done:     make(chan bool, 1),
		errors:   make(chan error, 1),
		timer:    time.NewTimer(time.Hour),
	}
	c.config.log.skip = true
	close(c.returned) // nothing waits for the handler
	cancelled := -1
	c.cancel = func(error) { cancelled = len(c.done) }

	c.decide(networkEnding(io.EOF))
	c.tell(c.end)

	if cancelled != 0 {
		t.Errorf("at the context's end %d values waited in done, want 0", cancelled)
	}
	if v, open := <-c.done; !v || !open {
		t.Errorf("done gave %t, %t, want true first", v, open)
	}
}

// Contract 8.1: a prepared message is framed when it is first sent, and only then.
// Gorilla keeps a compressed form beside the plain one.
func TestPreparedIsFramedOnce(t *testing.T) {
	p := PrepareBytes([]byte("hello"))
	first, err := p.framed()
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := p.framed(); second != first {
		t.Error("a message that is sent again is framed again")
	}
}
