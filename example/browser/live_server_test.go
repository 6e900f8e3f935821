package browser

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/live"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// The server that the module is tested against, in a process of its own: this program
// with LIVE_SERVER set.

type said struct {
	ID, Text, At string
	Incomplete   bool
}

func serveLive() {
	m := martini.New()
	router := martini.NewRouter()
	router.Get("/live.js", live.Serve)
	router.Get("/", func() string { return head + live.ImportMap("/live.js") + livePage })
	router.Get("/away", func() string { return "<!doctype html>elsewhere" })
	router.Get("/json", sockets.JSON(said{}), echo[*said])
	router.Get("/texts", sockets.Messages(), echo[string])
	router.Get("/bytes", sockets.ByteSliceMessages(), echo[[]byte])
	router.Get("/close", sockets.Messages(), closeAtOnce)
	router.Get("/refuse", func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.FormValue("status"))
		http.Error(w, "no", status)
	}, sockets.Messages())
	router.Get("/no-upgrade", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" { // like a proxy without websockets
			http.Error(w, "no", http.StatusBadGateway)
		}
	}, sockets.Messages())
	router.Get("/stall", func(r *http.Request) { <-r.Context().Done() })
	router.Get("/say", sockets.JSON(said{}), talk)
	m.Action(router.Handle)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	panic(http.Serve(l, m))
}

func closeAtOnce(r *http.Request, connection *sockets.Connection) {
	code, _ := strconv.Atoi(r.FormValue("code"))
	connection.Close(code, "so be it")
}

func echo[M any](receiver <-chan M, sender chan<- M, done <-chan bool) {
	for {
		select {
		case message := <-receiver:
			sender <- message
		case <-done:
			return
		}
	}
}

var room = rooms.NewOnLog(memlog.New(50, time.Hour), &rooms.Options[*said]{
	Stamp: func(m *said, at string) *said { m.At = at; return m },
})

// talk refuses the text "no", and gives all others to the room.
func talk(r *http.Request, receiver <-chan *said, sender chan<- *said, done <-chan bool,
	disconnect chan<- int) {
	after := r.FormValue("after")
	me, missed, err := room.JoinAfter("room", after, sender, disconnect, nil)
	if err != nil {
		return
	}
	defer me.Leave()
	if !missed.Complete {
		sender <- &said{Incomplete: true, At: missed.Position}
	}
	for _, m := range missed.Messages {
		sender <- m.Value
	}
	me.Start()
	for {
		select {
		case m := <-receiver:
			if m.Text == "no" {
				sender <- &said{ID: m.ID}
				continue
			}
			me.Say(context.WithoutCancel(r.Context()), m.ID, m)
		case <-done:
			return
		}
	}
}

const head = `<!doctype html><meta charset="utf-8"><title>live</title>`

// livePage keeps what happens to a connection in its log, and what is sent in sent. After
// faster(n) its clock runs n times as fast.
const livePage = `<script>
	const clock = Date.now, timer = setTimeout;
	let speed = 1, began = clock(), then = began;
	Date.now = () => then + (clock() - began) * speed;
	window.setTimeout = (run, wait) => timer(run, wait / speed);
	window.faster = times => { [then, began, speed] = [Date.now(), clock(), times]; };
	const sent = [], send = WebSocket.prototype.send;
	WebSocket.prototype.send = function (data) {
		sent.push(data);
		send.call(this, data);
	};
	addEventListener("pageshow", event => { window.fromCache = event.persisted; });
</script>
<script type="module">
	import {Live} from "martini-sockets";
	window.begin = (address, options) => {
		const log = [];
		const keep = name => event => log.push([name, event]);
		const live = new Live(address, {
			onopen: keep("open"), onlost: keep("lost"), onend: keep("end"),
			onincomplete: keep("incomplete"), onmessage: keep("message"), ...options,
		});
		live.log = log;
		live.names = () => log.map(([name]) => name);
		live.told = name => log.filter(entry => entry[0] === name).map(entry => entry[1]);
		return live;
	};
	window.begun = true;
</script>`

// startLive starts that process.
func startLive(t *testing.T) *process {
	t.Helper()
	p, err := start(os.Args[0], "LIVE_SERVER=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}
