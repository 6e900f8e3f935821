package redisrooms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
)

const (
	// answerWait limits how long to wait for the answer to a subscription. After that it
	// takes effect later.
	answerWait = 2 * time.Second

	firstPause = 20 * time.Millisecond // before connecting again; it doubles
	lastPause  = time.Second
)

var errDown = errors.New("redisrooms: no connection to the server")

// message is what came on a channel.
type message struct {
	channel string
	data    string
	mark    *byte // nil, except in a mark of the pool; each mark has another
}

// link is the subscriptions of one broker or log, all on one connection. It implements
// pool.Link. The goroutine of run connects and reads; that of watch probes.
type link struct {
	client *client
	push   func(m message) // set by newPool, called by run; must not block
	probe  *probe
	tried  chan struct{}   // closed by run when it has tried to connect
	ctx    context.Context // until close
	cancel func()

	mu      sync.Mutex // protects the fields below
	subs    map[string]struct{}
	session *session // nil while there is none
	breaks  uint64
	down    error // why no session could be opened
	stuck   bool  // until the link is settled
	refused error // why the server does not let subs in
}

var _ pool.Link = (*link)(nil)

func newLink(c *client, prefix string) *link {
	l := &link{
		client: c, probe: newProbe(c, prefix), tried: make(chan struct{}),
		subs: make(map[string]struct{}),
	}
	l.subs[l.probe.channel] = struct{}{}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// newPool makes the pool of a link's rooms, and runs and watches the link until that is
// closed. Close the link before the pool.
func newPool[R pool.Room[message]](
	l *link, pending int, onOutage func(err error),
) *pool.Pool[message, R] {
	p := pool.New(pool.Config[message, R]{
		Key:         func(m message) string { return m.channel },
		Mark:        func(channel string) message { return message{channel, "", new(byte)} },
		IsMark:      func(m message) bool { return m.mark != nil },
		Pending:     pending,
		Slow:        slow,
		Subscribe:   func(channel string, _ R) (bool, error) { return l.subscribe(channel) },
		Unsubscribe: func(channel string, _ R) error { l.unsubscribe(channel); return nil },
		Closed:      ErrClosed,
		Unanswered:  errUnanswered,
	})
	l.push = p.Push
	p.Watch(l, ErrOutage, onOutage)
	p.Go(l.run)
	p.Go(l.watch)
	return p
}

// close has the goroutines return.
func (l *link) close() {
	l.cancel()
	if s := l.current(); s != nil {
		s.close()
	}
}

// current returns nil if there is no session.
func (l *link) current() *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

// run keeps up a session until close.
func (l *link) run() {
	try := sync.OnceFunc(func() { close(l.tried) })
	defer try()
	for pause := firstPause; l.ctx.Err() == nil; pause = min(2*pause, lastPause) {
		begun := time.Now()
		s, err := openSession(l.ctx, l.client)
		if err == nil {
			l.begin(s)
			if l.ctx.Err() != nil { // close may have found no session
				s.close()
			}
			try()
			_ = s.read(l.receive) // reported as a break
			s.close()
		}
		l.lose(err)
		try()
		if time.Since(begun) > lastPause {
			pause = firstPause
		}
		select {
		case <-l.ctx.Done():
		case <-time.After(pause):
		}
	}
}

// begin subscribes to everything on a new session, which subscribe uses from now on.
func (l *link) begin(s *session) {
	s.writing.Lock() // until all are written, so that no other comes before them
	defer s.writing.Unlock()
	all := l.take(s)
	requests := slices.Clone(s.requests) // nobody reads yet
	for len(all) > 0 {
		some := all[:min(len(all), 1000)]
		all = all[len(some):]
		requests = append(requests, s.write(s.ps.Subscribe, some...))
	}
	go l.await(s, requests) // ends with the session at the latest
}

func (l *link) take(s *session) (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.down = s, nil
	for channel := range l.subs {
		all = append(all, channel)
	}
	return all
}

// await ends a session that the server does not let have all subscriptions.
func (l *link) await(s *session, requests []*request) {
	var err error
	for _, r := range requests {
		<-r.done
		err = cmp.Or(err, r.err)
	}
	l.mu.Lock()
	switch {
	case err == nil:
		l.refused = nil
	case isRefusal(err):
		l.refused = fmt.Errorf("redisrooms: SUBSCRIBE: %w", err)
	}
	l.mu.Unlock()
	if err != nil {
		s.close() // those who wait for an answer find out why
	}
}

// lose notes that there is no session. The error is why none could be opened, or nil.
func (l *link) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.down = nil, err
	l.breaks++
	if isRefusal(err) {
		l.refused = fmt.Errorf("redisrooms: connect: %w", err)
	}
}

// state returns an error if there is no server or it stands still, without the attempts
// that go-redis would make. In a cluster it cannot know: others may be there.
func (l *link) state() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.client.cluster != nil:
		return nil
	case l.down != nil:
		return fmt.Errorf("%w: %w", errDown, l.down)
	case l.stuck:
		return ErrSlow
	}
	return nil
}

// setStuck notes whether the server stands still.
func (l *link) setStuck(stuck bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stuck = stuck
}

// lost notes that messages may have been lost, although there is a session.
func (l *link) lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.breaks++
}

func (l *link) receive(m *redis.Message) {
	if m.Channel == l.probe.channel {
		l.probe.heard(m.Payload)
		return
	}
	l.push(message{channel: m.Channel, data: m.Payload})
}

// subscribe returns when the server has the subscription, and false if it did not answer
// in time: then it takes effect later. While the server is down, subscribe does not
// wait: the outage is told when everything is subscribed. An error means that there is
// no subscription.
func (l *link) subscribe(channel string) (answered bool, err error) {
	select {
	case <-l.tried:
	case <-time.After(answerWait):
	}
	s, err := l.add(channel)
	if s == nil {
		return true, err
	}
	r := s.send(s.ps.Subscribe, channel)
	switch err := r.wait(answerWait); {
	case err == nil:
		return true, nil
	case err == errOver:
		if err = l.refusal(); err != nil {
			l.forget(channel)
		}
		return true, err
	case err == errSilent:
		go l.await(s, []*request{r}) // ends with the session at the latest
		return false, nil
	default:
		l.forget(channel)
		return false, fmt.Errorf("redisrooms: SUBSCRIBE %s: %w", channel, err)
	}
}

// add returns no session while the server is down, and an error if it refuses.
func (l *link) add(channel string) (*session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == nil && l.refused != nil {
		return nil, l.refused
	}
	l.subs[channel] = struct{}{}
	return l.session, nil
}

// refusal returns why the server does not let subscriptions in. The session may not be
// forgotten yet that has ended because of it.
func (l *link) refusal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// unsubscribe does not wait for the server.
func (l *link) unsubscribe(channel string) {
	if s := l.forget(channel); s != nil && l.ctx.Err() == nil {
		s.send(s.ps.Unsubscribe, channel)
	}
}

func (l *link) forget(channel string) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.subs, channel)
	return l.session
}

// Look implements pool.Link.
func (l *link) Look() (breaks uint64, gone error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.breaks, cmp.Or(l.refused, l.probe.refusal())
}

// Settle implements pool.Link. All subscriptions that were sent are answered before one
// more is, of a channel that is subscribed.
func (l *link) Settle() error {
	s := l.current()
	if s == nil {
		return errDown
	}
	if err := s.send(s.ps.Subscribe, l.probe.channel).wait(serverWait); err != nil {
		return err
	}
	err := l.probe.round(l.ctx)
	if err == nil {
		l.setStuck(false)
	}
	return err
}
