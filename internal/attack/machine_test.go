package attack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	ws "github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

const maxSize = 1000 // MaxMessageSize of the machine's server

// violation is what breaks a rule, and its code. fragment means that it only breaks one
// inside a fragmented message.
type violation struct {
	name  string
	code  int
	bytes []byte
}

func violations() []violation {
	a := ws.Text("a")
	big := strings.Repeat("b", maxSize)
	f := func(name string, code int, frames ...ws.Frame) violation {
		return violation{name, code, ws.Bytes(frames...)}
	}
	return []violation{
		f("unmasked", 1002, a.Unmasked()),
		f("rsv2", 1002, a.WithRsv(ws.Rsv2)),
		f("opcode 3", 1002, a.WithOpcode(3)),
		f("opcode 12", 1002, a.WithOpcode(12)),
		f("continuation", 1002, ws.Continuation("x")),
		f("text in text", 1002, a.More(), a),
		f("fragmented ping", 1002, ws.Ping("a").More()),
		f("long ping", 1002, ws.Ping(strings.Repeat("p", 126))),
		f("half a code", 1002, ws.CloseRaw([]byte{3})),
		f("close 1005", 1002, ws.Close(1005, "")),
		f("close 999", 1002, ws.Close(999, "")),
		f("close 5000", 1002, ws.Close(5000, "")),
		f("close utf8", 1002, ws.Close(1000, "\xff")),
		f("length16", 1002, a.WithLength(2)),
		f("length64", 1002, a.WithLength(8)),
		f("top bit", 1002, a.Claiming(1<<63)),
		f("2^62", 1009, a.Claiming(1<<62)),
		f("1001", 1009, a.Claiming(maxSize+1)),
		f("big", 1009, ws.Text(big+"b")),
		f("big sum", 1009, ws.Text(big).More(), ws.Continuation("b")),
		f("utf8", 1007, ws.Text("a\xffb")),
		f("utf8 early", 1007, ws.Text("a\xffb").Claiming(500)),
		f("utf8 cut", 1007, ws.Text("a\xe2\x82")),
		f("utf8 in fragments", 1007, ws.Text("a\xe2").More(), ws.Continuation("\x28")),
		f("utf8 binary", 1007, ws.Binary([]byte("\xff"))),
		{"http", 1002, []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")},
		{"tls", 1002, []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")},
	}
}

// plan is one case, drawn from a seed.
type plan struct {
	r        *rand.Rand
	seed     uint64
	handler  string
	k        int // when the handler ends
	pushes   int
	recv     int // buffers
	send     int
	compress bool
	layer    string
	msgs     []string
	stream   []byte // all that the client sends, up to the last action
	last     string // the last action
	code     int    // expected of the client's last action
	tail     []byte // after it
	pieces   string
	readLate bool
}

func draw(seed uint64, layer string) *plan {
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	p := &plan{r: r, seed: seed, layer: layer,
		handler: pick("echo", "echo", "echo", "sink", "pusher", "never", "slow", "return",
			"panic", "code", "closes", "Close", "twice", "prepared", "goexit"),
		recv: []int{-1, 0, 1, 10}[r.IntN(4)], send: []int{-1, 0, 1, 10}[r.IntN(4)],
		compress: r.IntN(3) == 0,
		pieces:   pick("one", "one", "bytes", "random", "pauses"),
		readLate: r.IntN(3) == 0,
		pushes:   r.IntN(30),
	}
	n := r.IntN(12)
	if p.handler == "never" && n > 0 {
		n = max(1, p.recv)
		if p.recv == 0 {
			n = 10
		}
		n = min(n, r.IntN(n+1))
		if p.recv < 0 {
			n = 0
		}
	}
	p.k = r.IntN(n + 1)
	for i := range n {
		p.addMessage(i)
	}
	p.addControl()
	v := violations()
	switch p.last = pick("close", "close", "violation", "violation", "fin", "reset", "wait",
		"drop"); p.last {
	case "close":
		p.code = []int{1000, 1001, 1005, 3000, 4999, 1002, 1011, 1014}[r.IntN(8)]
		f := ws.Close(p.code, "bye")
		if p.code == 1005 {
			f = ws.CloseRaw(nil)
		}
		p.stream = f.Append(p.stream)
	case "violation":
		x := v[r.IntN(len(v))]
		p.last, p.code = "violation "+x.name, x.code
		p.stream = append(p.stream, x.bytes...)
		switch r.IntN(4) {
		case 0:
			p.tail = ws.Bytes(ws.Text("more"), ws.Close(1000, ""))
		case 1:
			p.tail = bytes.Repeat([]byte("garbage "), r.IntN(4000))
		}
	case "wait", "drop":
		if !p.ends() {
			p.last, p.code = "close", 1000
			p.stream = ws.Close(1000, "").Append(p.stream)
		}
	}
	return p
}

// ends reports whether the handler ends the connection.
func (p *plan) ends() bool {
	switch p.handler {
	case "return", "panic", "code", "closes", "Close", "twice", "goexit":
		return true
	}
	return false
}

func (p *plan) addControl() {
	for range p.r.IntN(3) {
		f := ws.Ping(fmt.Sprint("p", p.r.IntN(100)))
		if p.r.IntN(2) == 0 {
			f = ws.Pong("")
		}
		p.stream = f.Append(p.stream)
	}
}

func (p *plan) addMessage(i int) {
	p.addControl()
	size := []int{0, 1, 20, 125, 126, 300, 600, maxSize - 10}[p.r.IntN(8)]
	s := fmt.Sprintf("%d:%s", i, strings.Repeat("é", size/2))
	if len(s) > maxSize {
		s = s[:2]
	}
	p.msgs = append(p.msgs, s)
	body, rsv := s, byte(0)
	if p.compress && p.r.IntN(2) == 0 {
		body, rsv = string(ws.Deflate([]byte(s))), ws.Rsv1
	}
	var frames []string
	for p.r.IntN(2) == 0 && len(frames) < 4 {
		cut := p.r.IntN(len(body) + 1)
		frames = append(frames, body[:cut])
		body = body[cut:]
	}
	frames = append(frames, body)
	for j, part := range frames {
		f := ws.Continuation(part)
		if j == 0 {
			f = ws.Text(part).WithRsv(rsv)
			if p.r.IntN(5) == 0 {
				f = ws.Binary([]byte(part)).WithRsv(rsv)
			}
		}
		if j < len(frames)-1 {
			f = f.More()
		}
		p.stream = f.Append(p.stream)
		if j < len(frames)-1 {
			p.addControl()
		}
	}
}

// seen is what the handler saw.
type seen struct {
	mu      sync.Mutex
	got     []string
	sent    []string
	events  []string
	err     error
	problem []string
}

func (s *seen) bad(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem = append(s.problem, fmt.Sprintf(format, args...))
}

func (p *plan) serve(s *seen, returned chan<- bool) martini.Handler {
	return func(in <-chan string, out chan<- string, prep chan<- *sockets.Prepared,
		done <-chan bool, disconnect chan<- int, errs <-chan error, c *sockets.Connection,
	) string {
		defer func() { returned <- true }()
		send := func(m string) {
			if p.handler == "prepared" {
				framed, _ := sockets.PrepareText(m)
				prep <- framed
			} else {
				out <- m
			}
			s.sent = append(s.sent, m)
		}
		end := func() {
			ended := false
			for {
				select {
				case err, ok := <-errs:
					if ok {
						s.events = append(s.events, "error")
						if s.err = err; err == nil {
							s.bad("a nil error")
						}
						continue
					}
					if !ended {
						s.bad("errors closed before done")
					}
					errs = nil
				case d, ok := <-done:
					if ended {
						if ok {
							s.bad("two dones")
						}
						if errs != nil {
							if _, ok := <-errs; ok {
								s.bad("an error after done")
							}
						}
						return
					}
					if !d || !ok {
						s.bad("done is %t, %t", d, ok)
					}
					ended = true
					s.events = append(s.events, "done")
				}
			}
		}
		switch p.handler {
		case "never":
			end()
			return "late"
		case "pusher":
			for i := range p.pushes {
				send(fmt.Sprint("push ", i))
			}
		}
		for {
			if p.ends() && len(s.got) == p.k {
				switch p.handler {
				case "return":
					return "returned"
				case "panic":
					panic("on purpose")
				case "goexit":
					runtime.Goexit()
				case "code":
					disconnect <- 4001
				case "closes":
					close(out)
				case "Close":
					c.Close(4002, "enough")
				case "twice":
					disconnect <- 4003
					c.Close(4004, "")
					return ""
				}
				end()
				return "late"
			}
			select {
			case m := <-in:
				s.got = append(s.got, m)
				if p.handler == "slow" {
					time.Sleep(time.Millisecond)
				}
				if p.handler != "sink" && p.handler != "pusher" {
					send("re " + m)
				}
			case err, ok := <-errs:
				if !ok || err == nil {
					s.bad("error %v, %t before done", err, ok)
				}
				s.err = err
				s.events = append(s.events, "error")
				errs2 := errs
				errs = nil
				if d, ok := <-done; !d || !ok {
					s.bad("done is %t, %t", d, ok)
				}
				if _, ok := <-done; ok {
					s.bad("two dones")
				}
				if _, ok := <-errs2; ok {
					s.bad("two errors")
				}
				select {
				case m := <-in:
					s.bad("message %.20q after done", m)
				default:
				}
				return "late"
			case d, ok := <-done:
				if !d || !ok {
					s.bad("done is %t, %t", d, ok)
				}
				s.events = append(s.events, "done")
				if _, ok := <-done; ok {
					s.bad("two dones")
				}
				if e, ok := <-errs; ok {
					s.bad("an error after done: %v", e)
				}
				for range 20 { // nothing blocks after the end
					out <- "late"
					disconnect <- 1000
				}
				return "late"
			}
		}
	}
}

// heard is what the client saw.
type heard struct {
	msgs  []string
	code  int // 0: no close frame
	pongs int
	end   error
	after time.Duration // from the close frame, or the violation, to the end
	bad   []string
}

// listen reads until the end. closed is called at the close frame.
func listen(raw *ws.Raw, closed func()) (h heard) {
	var msg []byte
	open, comp := false, false
	at := time.Now()
	for {
		f, err := raw.NextFrame()
		if err != nil {
			h.end, h.after = err, time.Since(at)
			return h
		}
		if h.code != 0 {
			h.bad = append(h.bad, fmt.Sprintf("%v after the close frame", f))
		}
		if f.Masked || f.Rsv&^ws.Rsv1 != 0 || f.Opcode >= 8 && (len(f.Payload) > 125 || !f.Fin) {
			h.bad = append(h.bad, fmt.Sprintf("broken frame %v", f))
		}
		switch f.Opcode {
		case ws.OpClose:
			if h.code, _, err = f.CloseCode(); err != nil {
				h.bad = append(h.bad, err.Error())
			}
			at = time.Now()
			closed()
		case ws.OpPing:
		case ws.OpPong:
			h.pongs++
		default:
			if open != (f.Opcode == ws.OpContinuation) {
				h.bad = append(h.bad, "fragments out of order")
			}
			if !open {
				msg, comp = nil, f.Rsv != 0
			}
			msg = append(msg, f.Payload...)
			if open = !f.Fin; !open {
				if comp {
					if msg, err = ws.Inflate(msg); err != nil {
						h.bad = append(h.bad, "compressed: "+err.Error())
					}
				}
				h.msgs = append(h.msgs, string(msg))
			}
		}
	}
}

func prefix(got, want []string) bool {
	if len(got) > len(want) {
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			return false
		}
	}
	return true
}

var lost, cases, answered int // answers that the last message of a closing client did not get

// runPlan runs one case on a server and returns what is wrong.
func runPlan(t *testing.T, p *plan) (problems []string) {
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf(format, args...))
	}
	var group sockets.Group
	s, returned := &seen{}, make(chan bool, 1)
	o := &sockets.Options{RecvChannelBuffer: p.recv, SendChannelBuffer: p.send,
		MaxMessageSize: maxSize, MaxSendSize: 2 * maxSize, Group: &group,
		Upgrader: &websocket.Upgrader{EnableCompression: p.compress}}
	h := app(o, p.serve(s, returned))
	header := http.Header{}
	if p.compress {
		header.Set("Sec-WebSocket-Extensions",
			"permessage-deflate; client_no_context_takeover; server_no_context_takeover")
	}
	var raw *ws.Raw
	switch p.layer {
	case "memory":
		raw = ws.NewMemoryServer(t, h, 0).Dial("/", header)
	default:
		raw = serve(t, ws.ListenTCP(), p.layer, h)(false, header)
	}
	raw.Wait = 20 * time.Second
	answers := p.r.IntN(2) == 0
	gotClose := make(chan bool)
	clientDone := make(chan heard, 1)
	closeSide := func() {
		close(gotClose)
		if !strings.HasPrefix(p.last, "close") && answers {
			raw.TrySend(ws.Close(1000, ""))
		}
		if strings.HasPrefix(p.last, "violation") || !answers {
			if c, ok := raw.Conn.(interface{ CloseWrite() error }); ok {
				c.CloseWrite()
			}
		}
	}
	if !p.readLate {
		go func() { clientDone <- listen(raw, sync.OnceFunc(closeSide)) }()
	}
	p.write(raw)
	switch p.last {
	case "fin":
		if c, ok := raw.Conn.(interface{ CloseWrite() error }); ok {
			c.CloseWrite() // fails if the server was faster
		}
	case "reset":
		if c, ok := raw.Conn.(interface{ SetLinger(int) error }); ok {
			c.SetLinger(0)
		}
		raw.Vanish()
	case "drop":
		raw.Vanish()
	default:
		if len(p.tail) > 0 {
			raw.Conn.Write(p.tail)
		}
	}
	begin := time.Now()
	if p.readLate {
		time.Sleep(20 * time.Millisecond)
		go func() { clientDone <- listen(raw, sync.OnceFunc(closeSide)) }()
	}
	c := <-clientDone
	total := time.Since(begin)
	select {
	case <-returned:
	case <-time.After(15 * time.Second):
		bad("the handler has not returned")
	}
	for group.Len() > 0 && time.Since(begin) < 20*time.Second {
		time.Sleep(time.Millisecond)
	}
	raw.Vanish()

	problems = append(problems, c.bad...)
	problems = append(problems, s.problem...)
	st := group.Stats()
	if st.Open != 0 || st.Opened != 1 || len(st.Ended) != 1 {
		bad("stats %+v", st)
	}
	var end sockets.End
	for end = range st.Ended {
	}
	if !prefix(s.got, p.msgs) {
		bad("the handler got %d %.300q, want a prefix of %d", len(s.got), s.got, len(p.msgs))
	}
	sent := s.sent
	if !prefix(c.msgs, sent) && !(len(c.msgs) == len(sent)+1 && prefix(c.msgs[:len(sent)], sent)) {
		bad("the client got %.300q, want a prefix of %.300q", c.msgs, sent)
	}
	gone := p.last == "fin" || p.last == "reset" || p.last == "drop"
	if p.last != "reset" && p.last != "drop" {
		if !errors.Is(c.end, io.EOF) || errors.Is(c.end, io.ErrUnexpectedEOF) {
			bad("the client's end is %v", c.end)
		}
		if c.after > time.Second && total > time.Second && p.last != "wait" {
			bad("TCP open for %v after the close frame, %v after the last byte", c.after, total)
		}
	}
	handlers := map[string]int{"return": 1000, "panic": 1011, "code": 4001, "closes": 1000,
		"Close": 4002, "twice": 4003, "goexit": 1011}
	byHandler := p.ends() && c.code == handlers[p.handler] && end.By == "handler"
	switch {
	case p.last == "reset" || p.last == "drop":
	case p.last == "fin":
		if c.code != 0 && !byHandler {
			bad("code %d after the client's FIN", c.code)
		}
	case byHandler:
	case c.code != p.code:
		bad("code %d, want %d, ended %+v", c.code, p.code, end)
	}
	if c.code != 0 && end.Code != c.code && !gone {
		bad("stats say %+v, the wire %d", end, c.code)
	}
	if int64(len(c.msgs)) > st.MessagesOut && c.code != 0 {
		bad("the client got %d messages, stats say %d", len(c.msgs), st.MessagesOut)
	}
	if st.MessagesOut > int64(len(sent))+1 {
		bad("stats say %d out, the handler sent %d", st.MessagesOut, len(sent))
	}
	// the handler
	wantErr := end.By == "violation" || end.By == "network" || end.By == "program" ||
		end.By == "client" && end.Code != 1000 && end.Code != 1001 && end.Code != 1005
	observed := len(s.events) > 0
	if observed {
		ev := strings.Join(s.events, " ")
		if wantErr && (s.err == nil) || !wantErr && s.err != nil {
			bad("ended %+v, events %q, error %v", end, ev, s.err)
		}
	}
	if end.By == "client" || end.By == "violation" {
		if p.handler != "never" && !p.ends() && len(s.got) != len(p.msgs) {
			bad("ended %+v, the handler got %d of %d", end, len(s.got), len(p.msgs))
		}
		switch p.handler {
		case "echo", "slow", "prepared":
			cases++
			answered += len(p.msgs)
			if n := len(p.msgs) - len(c.msgs); n > 0 {
				lost += n
				if p.layer == "memory" || n > 1 {
					bad("%d of %d answers are lost", n, len(p.msgs))
				}
			}
		}
	}
	if byHandler && c.code != 0 && !gone && len(c.msgs) < len(sent) {
		bad("the handler ended after %d messages, the client got %d", len(sent), len(c.msgs))
	}
	return problems
}

func (p *plan) write(raw *ws.Raw) {
	b := p.stream
	for len(b) > 0 {
		n := len(b)
		switch p.pieces {
		case "bytes":
			n = 1
		case "random", "pauses":
			n = min(n, 1+p.r.IntN(200))
		}
		raw.Conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
		if _, err := raw.Conn.Write(b[:n]); err != nil {
			return
		}
		b = b[n:]
		if p.pieces == "pauses" && p.r.IntN(4) == 0 {
			time.Sleep(time.Duration(p.r.IntN(3)) * time.Millisecond)
		}
	}
}

func (p *plan) String() string {
	return fmt.Sprintf("seed %d %s: %s k=%d buffers %d %d, compress %t, %d messages, %s, "+
		"tail %d, %s, late %t",
		p.seed, p.layer, p.handler, p.k, p.recv, p.send, p.compress, len(p.msgs), p.last,
		len(p.tail), p.pieces, p.readLate)
}

// seeds returns the seeds to try: ATTACK=first,count.
func seeds(byDefault uint64) (first, count uint64) {
	if _, err := fmt.Sscanf(os.Getenv("ATTACK"), "%d,%d", &first, &count); err != nil {
		return 1, byDefault
	}
	return first, count
}

func TestMachineInMemory(t *testing.T) {
	first, n := seeds(300)
	failed := 0
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var problems []string
			p := draw(seed, "memory")
			synctest.Test(t, func(t *testing.T) { problems = runPlan(t, p) })
			for _, s := range problems {
				t.Errorf("%v: %s", p, s)
			}
			if t.Failed() {
				failed++
			}
		})
		if failed > 20 {
			t.Fatal("enough")
		}
	}
	t.Logf("%d cases of answers, %d of %d lost", cases, lost, answered)
}

func TestMachine(t *testing.T) {
	first, n := seeds(60)
	for _, layer := range []string{"tcp", "tls"} {
		t.Run(layer, func(t *testing.T) {
			failed := 0
			lost, answered = 0, 0
			for seed := first; seed < first+n; seed++ {
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					p := draw(seed, layer)
					for _, s := range runPlan(t, p) {
						t.Errorf("%v: %s", p, s)
					}
					if t.Failed() {
						failed++
					}
				})
				if failed > 20 {
					t.Fatal("enough")
				}
			}
			t.Logf("%d of %d answers lost", lost, answered)
		})
	}
}
