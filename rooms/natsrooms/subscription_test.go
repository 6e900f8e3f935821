package natsrooms

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// pipe is a network to a server that only says what connecting needs. While it is
// blocked, a write waits until it goes on; nats.go holds its lock meanwhile. A mute
// server answers later, and one that refuses takes no subscription. A subscription gets
// some messages at once. A server that is down is not dialled again.
type pipe struct {
	blocked, mute, refuses, down atomic.Bool
	messages                     atomic.Int32
	says                         atomic.Pointer[string] // to a subscription; may be nil
	waits                        chan struct{}          // a write does
	goOn                         chan struct{}
}

// connectPipe connects, and closes the connection after the test.
func connectPipe(t *testing.T) (*pipe, *nats.Conn) {
	t.Helper()
	p := &pipe{waits: make(chan struct{}, 10), goOn: make(chan struct{})}
	nc, err := nats.Connect("nats://pipe", nats.SetCustomDialer(p))
	if err != nil {
		t.Fatalf("nats.Connect = %v, want no error", err)
	}
	t.Cleanup(nc.Close)
	t.Cleanup(func() { p.mute.Store(false) })
	return p, nc
}

// Dial implements nats.CustomDialer.
func (p *pipe) Dial(string, string) (net.Conn, error) {
	if p.down.Load() {
		return nil, errors.New("down")
	}
	client, server := net.Pipe()
	go p.greet(server)
	return pipeConn{client, p}, nil
}

// greet ends with the connection.
func (p *pipe) greet(c net.Conn) {
	c.Write([]byte("INFO {\"max_payload\":1000}\r\n"))
	for lines := bufio.NewScanner(c); lines.Scan(); {
		for p.mute.Load() {
			time.Sleep(time.Millisecond)
		}
		if strings.HasPrefix(lines.Text(), "PING") {
			c.Write([]byte("PONG\r\n"))
		}
		var subject, sid string
		if n, _ := fmt.Sscanf(lines.Text(), "SUB %s %s", &subject, &sid); n == 2 {
			if p.refuses.Load() {
				fmt.Fprintf(c, "-ERR 'Permissions Violation for Subscription to %q'\r\n", subject)
			}
			if says := p.says.Load(); says != nil {
				c.Write([]byte(*says))
			}
			for range p.messages.Load() {
				fmt.Fprintf(c, "MSG %s %s 0\r\n\r\n", subject, sid)
			}
		}
	}
}

type pipeConn struct {
	net.Conn
	pipe *pipe
}

func (c pipeConn) Write(b []byte) (int, error) {
	if c.pipe.blocked.Load() {
		c.pipe.waits <- struct{}{}
		<-c.pipe.goOn
	}
	return c.Conn.Write(b)
}

// A subscription that NATS gets only after Close is ended.
func TestCloseDuringSubscribe(t *testing.T) {
	p, nc := connectPipe(t)
	b := NewBroker(nc, nil)
	p.blocked.Store(true)
	nc.Publish("x", nil)
	<-p.waits
	subscribed := make(chan error)
	go func() { subscribed <- b.Subscribe("room", func([]byte, error) {}) }()
	for entered := false; !entered; time.Sleep(time.Millisecond) {
		_, entered = b.pool.Get(b.subject("room"))
	}
	b.Close()
	close(p.goOn)
	if err := <-subscribed; !errors.Is(err, ErrClosed) {
		t.Errorf("Subscribe = %v, want %v", err, ErrClosed)
	}
	if got := nc.NumSubscriptions(); got != 0 {
		t.Errorf("%d subscriptions after Close, want 0", got)
	}
}

func newSubscription() *subscription {
	return &subscription{subject: "room", queue: make(chan *nats.Msg, 1)}
}

var errRefused = fmt.Errorf(`%w: Permissions Violation for Subscription to "room"`,
	nats.ErrPermissionViolation)

// A refusal is told, and then once that the room is subscribed again.
func TestMend(t *testing.T) {
	_, nc := connectPipe(t)
	l := newLink(nc, nil)
	if _, err := l.subscribe(newSubscription()); err != nil {
		t.Fatalf("subscribe = %v, want no error", err)
	}
	var told []error
	m := &mender{link: l, tell: func(_ string, loss error) { told = append(told, loss) },
		told: make(map[*subscription]bool)}
	l.hear(errRefused)
	for range 3 {
		m.look()
	}
	if !slices.Equal(told, []error{errRefused, ErrOutage}) {
		t.Errorf("told %v, want the refusal, and the outage", told)
	}
}

// A subscription that has ended while the mender was about to renew it stays ended.
func TestRenewAfterUnsubscribe(t *testing.T) {
	_, nc := connectPipe(t)
	l := newLink(nc, nil)
	s := newSubscription()
	_, err := l.subscribe(s)
	if err != nil {
		t.Fatalf("subscribe = %v, want no error", err)
	}
	l.hear(errRefused)
	m := &mender{link: l, tell: func(string, error) { t.Error("a room that has left is told") }}
	refused := l.nowRefused()
	if err := l.unsubscribe(s); err != nil || len(refused) != 1 {
		t.Errorf("unsubscribe = %v, %d refused, want no error, and one", err, len(refused))
	}
	m.again(refused)
	if got := nc.NumSubscriptions(); got != 0 {
		t.Errorf("%d subscriptions, want none", got)
	}
}

// A subscription that the server refuses is an error, and leaves nothing.
func TestSubscribeRefused(t *testing.T) {
	p, nc := connectPipe(t)
	p.refuses.Store(true)
	l := newLink(nc, nil)
	_, err := l.subscribe(newSubscription())
	if !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("subscribe = %v, want %v", err, nats.ErrPermissionViolation)
	}
	if got := nc.NumSubscriptions() + len(l.subs) + len(l.refused); got != 0 {
		t.Errorf("%d subscriptions are left, want none", got)
	}
}

// An error of the connection is a refusal only if it is of this subscription. Once the
// program has replaced the handler, only the last error is known. One row takes serverWait:
// nats.go shares timers between connections, so synctest cannot serve.
func TestRefusal(t *testing.T) {
	const room, other = "-ERR 'Permissions Violation for Subscription to \"room\"'\r\n",
		"-ERR 'Permissions Violation for Subscription to \"other\"'\r\n"
	const full = "-ERR 'maximum subscriptions exceeded'\r\n"
	tests := []struct {
		name     string
		replaced bool   // the handler
		before   string // what the server said before, to another subscription
		says     string
		messages int32 // so many are one too many for nats.go
		want     error
	}{
		{name: "nothing"},
		{name: "refused", says: room, want: nats.ErrPermissionViolation},
		{name: "another is refused", says: other},
		{name: "too many", says: full, want: nats.ErrMaxSubscriptionsExceeded},
		{name: "refused, and another is too many", says: room + full,
			want: nats.ErrPermissionViolation},
		{name: "slow", messages: 3},
		{name: "replaced, refused", replaced: true, says: room,
			want: nats.ErrPermissionViolation},
		{name: "replaced, refused before", replaced: true, before: other},
		{name: "replaced, slow", replaced: true, messages: 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, nc := connectPipe(t)
			l := newLink(nc, nil)
			if test.replaced {
				nc.SetErrorHandler(nil)
			}
			p.says.Store(&test.before)
			_, _ = l.subscribe(&subscription{subject: "other", queue: make(chan *nats.Msg, 1)})
			p.says.Store(&test.says)
			p.messages.Store(test.messages)
			if _, err := l.subscribe(newSubscription()); !errors.Is(err, test.want) {
				t.Errorf("subscribe = %v, want %v", err, test.want)
			}
		})
	}
}

// The handler of the program is called as before, after the link has heard the error.
func TestHandlerOfTheProgram(t *testing.T) {
	_, nc := connectPipe(t)
	var l *link
	calls := 0
	nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		calls++
		if !slices.Equal(l.heard, []error{err}) {
			t.Errorf("the link has heard %v, want %v", l.heard, err)
		}
	})
	l = newLink(nc, nil)
	nc.ErrorHandler()(nc, nil, errRefused)
	nc.SetErrorHandler(nil)
	newLink(nc, nil)
	nc.ErrorHandler()(nc, nil, errRefused) // the program has none
	if calls != 1 {
		t.Errorf("the handler was called %d times, want once", calls)
	}
}

// A subscription that ends late does not take the next one of its subject out of the
// link.
func TestUnsubscribeAfterNext(t *testing.T) {
	_, nc := connectPipe(t)
	l := newLink(nc, nil)
	s := newSubscription()
	_, err := l.subscribe(s)
	next := newSubscription()
	_, nextErr := l.subscribe(next)
	if err = errors.Join(err, nextErr, l.unsubscribe(s)); err != nil {
		t.Fatalf("subscribe, unsubscribe = %v, want no error", err)
	}
	if got := l.use(nc); !slices.Equal(got, []*subscription{next}) {
		t.Errorf("the link has %v, want the next one", got)
	}
}

// What an earlier connection has dropped still counts.
func TestDroppedByEarlierOnes(t *testing.T) {
	p, nc := connectPipe(t)
	p.messages.Store(3)
	l := newLink(nc, nil)
	s := newSubscription()
	_, err := l.subscribe(s)
	if got := s.dropped(); err != nil || got != 2 {
		t.Fatalf("subscribe = %v, and %d dropped, want no error, and 2", err, got)
	}
	if _, err := l.establish(s); err != nil || s.dropped() != 5 {
		t.Errorf("establish = %v, and %d dropped, want no error, and 5", err, s.dropped())
	}
}
