package e2e

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// Contract 7.2: if ctx ends first, Shutdown drops the network connections and
// does not wait for the handlers.
func TestShutdownInTime(t *testing.T) {
	for _, test := range []struct {
		name   string
		spread time.Duration
		ctx    func() (context.Context, context.CancelFunc)
		want   error
		after  time.Duration
	}{
		{"deadline", 0, func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 2*time.Second)
		}, context.DeadlineExceeded, 2 * time.Second},
		{"cancelled before", 0, func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		}, context.Canceled, 0},
		{"during Spread", time.Hour, func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 2*time.Second)
		}, context.DeadlineExceeded, 2 * time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			group := sockets.Group{Spread: test.spread}
			// The client does not answer the close frame, and the handler takes
			// its time.
			listener := wstest.Count(mempipe.Listen(0))
			server := wstest.Serve(t, listener,
				&http.Server{Handler: apptest.App(apptest.Text(apptest.In(&group)),
					func(done <-chan bool) { <-done; time.Sleep(time.Minute) })})
			clients := []*wstest.Raw{server.Dial("/ws", nil), server.Dial("/ws", nil),
				server.Dial("/ws", nil)}
			synctest.Wait()

			begin := time.Now()
			ctx, cancel := test.ctx()
			defer cancel()
			err := group.Shutdown(ctx)
			after, left := time.Since(begin), group.Len()

			if err != test.want || after != test.after || left != 3 {
				t.Errorf("Shutdown() = %v after %v, Len() = %d, want %v after %v, 3", err,
					after, left, test.want, test.after)
			}
			for _, client := range clients {
				client.Drain()
			}
			if after := time.Since(begin); after != test.after {
				t.Errorf("the connections ended after %v, want %v", after, test.after)
			}
			time.Sleep(2 * time.Minute)
			if left := group.Len(); left != 0 {
				t.Errorf("Len() at the end = %d, want 0", left)
			}
		})
	}
}

// Contract 7.3: the connections end evenly over the time of Spread.
func TestSpread(t *testing.T) {
	for _, test := range []struct {
		spread time.Duration
		want   []time.Duration
	}{
		{8 * time.Second,
			[]time.Duration{0, 2 * time.Second, 4 * time.Second, 6 * time.Second}},
		{0, []time.Duration{0, 0, 0, 0}},
		{-time.Hour, []time.Duration{0, 0, 0, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			group := sockets.Group{Spread: test.spread}
			server := socketstest.NewServer(t,
				apptest.App(apptest.Text(apptest.In(&group)), apptest.WaitForDone))
			ends := make(chan time.Duration, 4)
			begin := time.Now()
			for _, client := range apptest.DialAll(t, server, 4) {
				go func() {
					apptest.All(client)
					ends <- time.Since(begin)
				}()
			}

			err := group.Shutdown(context.Background())

			got := []time.Duration{<-ends, <-ends, <-ends, <-ends}
			if slices.Sort(got); err != nil || !slices.Equal(got, test.want) {
				t.Errorf("Spread %v: Shutdown() = %v, ends %v, want %v", test.spread, err,
					got, test.want)
			}
		})
	}
}

// Contract 7.3: Shutdown does not wait for clients that have left in the meantime.
func TestSpreadOverWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := sockets.Group{Spread: time.Hour}
		server := socketstest.NewServer(t,
			apptest.App(apptest.Text(apptest.In(&group)), apptest.WaitForDone))
		begin := time.Now()
		for _, client := range apptest.DialAll(t, server, 4) {
			time.AfterFunc(time.Second, func() { apptest.Goodbye(1000, "")(client) })
		}

		err := group.Shutdown(context.Background())

		// A client that has closed the websocket but not TCP is read for a
		// quarter of a second.
		if after := time.Since(begin); err != nil ||
			after.Truncate(time.Second) != time.Second {
			t.Errorf("Shutdown() = %v after %v, want nil after 1s", err, after)
		}
	})
}

// Contract 7.2: a request in its handshake during Shutdown is refused, or ended
// like the others if it was already let in.
func TestShutdownDuringHandshake(t *testing.T) {
	apptest.Bubble(t, "before it was let in", shutdownBeforeItIsLetIn)
	apptest.Bubble(t, "while the 101 is written", shutdownWhileTheResponseIsWritten)
	for range 30 { // what the reader sees of the drop must not count, whoever is first
		apptest.Bubble(t, "while the 101 is written, and in a hurry", shutdownInAHurry)
	}
}

func shutdownBeforeItIsLetIn(t *testing.T) {
	var group sockets.Group
	release := make(chan bool)
	o := apptest.In(&group)
	o.Upgrader = &websocket.Upgrader{CheckOrigin: func(*http.Request) bool {
		<-release
		return true
	}}
	client := wstest.NewMemoryServer(t,
		apptest.App(apptest.Text(o), apptest.WaitForDone), 0).Connect()
	time.AfterFunc(time.Second, func() {
		group.Shutdown(context.Background())
		close(release)
	})

	if resp := client.Handshake("/ws", nil); resp.StatusCode != 503 {
		t.Errorf("Handshake() = %s, want 503", resp.Status)
	}
}

func shutdownWhileTheResponseIsWritten(t *testing.T) {
	var group sockets.Group
	listener := wstest.Count(mempipe.Listen(0))
	server := wstest.Serve(t, listener,
		&http.Server{Handler: apptest.App(apptest.Text(apptest.In(&group)),
			apptest.WaitForDone)})
	client := server.Connect()
	conn := listener.Conn(t)
	conn.Stall()
	time.AfterFunc(time.Second, func() {
		go group.Shutdown(context.Background())
		synctest.Wait()
		conn.Resume()
	})

	client.Upgrade("/ws", nil)

	if code, _ := client.ReadClose(); code != 1001 {
		t.Errorf("close code = %d, want 1001", code)
	}
}

func shutdownInAHurry(t *testing.T) {
	var group sockets.Group
	handler, outcomes := apptest.UntilDone()
	listener := wstest.Count(mempipe.Listen(0))
	server := wstest.Serve(t, listener,
		&http.Server{Handler: apptest.App(apptest.Text(apptest.In(&group)),
			handler)})
	client := server.Connect()
	conn := listener.Conn(t)
	conn.Stall()
	apptest.Handshake(func(r *http.Request) { r.Host = server.Host },
		apptest.Header("Origin", server.URL)).Write(client.Conn)
	synctest.Wait()
	during := group.Len()

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := group.Shutdown(ctx)
	conn.Resume()

	r := bufio.NewReader(client.Conn)
	http.ReadResponse(r, nil)
	if frames, _ := io.ReadAll(r); len(frames) > 0 {
		t.Errorf("received %x behind the 101, want the end", frames)
	}
	if got := <-outcomes; during != 1 || err != context.DeadlineExceeded ||
		!got.Done || got.Errs != 0 {
		t.Errorf("Len, Shutdown = %d, %v, outcome %+v, want 1, deadline "+
			"exceeded, done", during, err, got)
	}
}
