package e2e

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// Contract 8.3, 9.10: a prepared message carries its key to another process.
func TestLatestOfPrepared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network brokertest.Memory
		var both []*rooms.Rooms[*sockets.Prepared]
		for range 2 {
			both = append(both, rooms.New(&rooms.Options[*sockets.Prepared]{
				Broker: network.Broker(), Latest: (*sockets.Prepared).Key}))
		}
		in := make(chan *sockets.Prepared)
		slow, err := both[1].Join("lobby", in, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, msg := range []string{"x", "a1", "b1", "a2"} {
			p := apptest.Prepared(t, msg)
			if err := both[0].Broadcast("lobby", p.WithKey(strings.Trim(msg, "x12"))); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		for _, want := range []string{"x", "b1", "a2"} {
			if got := string((<-in).Bytes()); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		slow.Leave()
		time.Sleep(time.Minute) // the last number is said
	})
}

var viewFor = flag.Duration("view", 0, "how long TestSlowViewer takes, in real time")

// slowViewer reads only as many bytes as it is given.
type slowViewer struct {
	net.Conn
	left  int
	more  chan int
	spent chan struct{} // says that left is 0
	over  chan struct{} // closed at the end of the test
}

func (v *slowViewer) Read(b []byte) (int, error) {
	if v.left == 0 {
		select {
		case v.spent <- struct{}{}:
		case <-v.over:
			return 0, net.ErrClosed
		}
		v.left = <-v.more
	}
	n, err := v.Conn.Read(b[:min(len(b), v.left)])
	v.left -= n
	return n, err
}

// Contract 9.10: 500 values change ten times a second. A client that reads 50 kB/s, a
// third of what that makes, is at most three seconds behind, stays, and takes no memory.
// The seconds are those of the values: the test takes as long as the machine needs.
func TestSlowViewer(t *testing.T) {
	const values, perSecond, bytesPerSecond = 500, 10, 50_000
	viewers := rooms.New(&rooms.Options[*sockets.Prepared]{Latest: (*sockets.Prepared).Key})
	handler := func(prepared chan<- *sockets.Prepared, disconnect chan<- int, done <-chan bool) {
		viewer, err := viewers.Join("all", prepared, disconnect, nil)
		if err != nil {
			return
		}
		defer viewer.Leave()
		<-done
	}
	server := httptest.NewServer(apptest.Messages(handler, func(o *sockets.Options) {
		o.SocketSendBuffer = 16 << 10
	}))
	defer server.Close()
	view := &slowViewer{more: make(chan int), spent: make(chan struct{}), left: 1 << 10,
		over: make(chan struct{})}
	defer close(view.over)
	dialer := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (
		net.Conn, error,
	) {
		var err error
		view.Conn, err = new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = view.Conn.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return view, err
	}}
	client, _, err := dialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/ws",
		http.Header{"Origin": {server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	var mu sync.Mutex
	var shown [values]int // the tick of each value that the client has
	go func() {           // ends when the client is closed
		for last := 0; ; {
			var key, tick int
			_, data, err := client.ReadMessage()
			if err != nil {
				return
			}
			fmt.Sscanf(string(data), `{"value":%d,"tick":%d,`, &key, &tick)
			mu.Lock()
			shown[key] = tick
			mu.Unlock()
			if now := tick*values + key; now < last {
				t.Errorf("got %s after %d, want the order of the broadcasts", data, last)
			} else {
				last = now
			}
		}
	}()

	for end := time.Now().Add(time.Minute); viewers.Len("all") == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the handler has not joined")
		}
	}
	ticks := 15 * perSecond
	pause := time.Duration(0)
	if *viewFor > 0 {
		pause = time.Second / perSecond
		ticks = int(*viewFor / pause)
	}
	worst := 0
	var heaps []int // in thirty moments
	next := time.Now()
	for tick := 1; tick <= ticks; tick++ {
		for key := range values {
			p := apptest.Prepared(t, fmt.Sprintf(`{"value":%d,"tick":%d,"is":0.5}`, key, tick))
			if err := viewers.Broadcast("all", p.WithKey(fmt.Sprint(key))); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-view.spent:
			view.more <- bytesPerSecond / perSecond
		case <-time.After(time.Minute):
			t.Fatalf("tick %d: the client has nothing to read", tick)
		}
		mu.Lock()
		for _, at := range shown {
			worst = max(worst, tick-at)
		}
		mu.Unlock()
		if tick%(ticks/30) == 0 {
			heaps = append(heaps, heap()>>10)
		}
		next = next.Add(pause)
		time.Sleep(time.Until(next))
	}
	stats := viewers.Stats()
	t.Logf("%d ticks: at most %d behind; heap %v KB; %+v", ticks, worst, heaps, stats)
	if worst > 3*perSecond || stats.Members != 1 || stats.Removed != 0 || stats.Replaced == 0 {
		t.Errorf("%d ticks behind, %+v, want at most %d, and one member", worst, stats, 3*perSecond)
	}
	// The least of some: what is framed meanwhile is garbage soon. To keep what was replaced
	// would take six times as much.
	half := len(heaps) / 2
	if first, last := slices.Min(heaps[:half]), slices.Min(heaps[half:]); last > first+2048 {
		t.Errorf("the heap has grown from %d to %d KB", first, last)
	}
}

// heap returns the bytes that are in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // a pool is empty after two
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
