package logtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
)

var errSilent = errors.New("the service was silent")

const (
	simTry  = 300 * time.Millisecond // for one answer
	simBeat = time.Second
)

// simLog is a log as it should be, on a network as it may be: it asks again until it gets
// an answer, and finds out what was lost.
type simLog struct {
	service *service
	at      *sim.Process // the service's
	process *sim.Process // the one whose log it is
	quit    chan struct{}
	ended   sync.WaitGroup
	telling sync.Mutex // held while a room is told

	mu     sync.Mutex // protects what follows
	rooms  map[string]*simFollow
	starts int
	silent bool // the service, for a while
}

type simFollow struct {
	receive func(rooms.News)
	heard   rooms.Place // the last that was told
}

func newSimLog(s *service, at, p *sim.Process) *simLog {
	l := &simLog{service: s, at: at, process: p, quit: make(chan struct{}),
		rooms: make(map[string]*simFollow)}
	l.ended.Go(l.run)
	return l
}

func (l *simLog) close() {
	close(l.quit)
	l.ended.Wait()
}

// ask has the service do something, again and again until there is an answer. What was
// lost may have been done, and what is late may be done still, also more than once.
func ask[T any](ctx context.Context, l *simLog, do func(s *service) T) (
	answer T, asked bool, err error,
) {
	answers := make(chan T, 100)
	question := func() {
		s := l.service
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.down {
			return
		}
		done := do(s)
		l.at.Send(l.process, func() {
			select {
			case answers <- done:
			default:
			}
		})
	}
	if err := ctx.Err(); err != nil {
		return answer, false, err
	}
	for {
		l.process.Send(l.at, question)
		select {
		case answer = <-answers:
			return answer, true, nil
		case <-time.After(simTry):
		case <-ctx.Done():
			return answer, true, ctx.Err()
		case <-l.quit:
			return answer, true, errSilent
		}
	}
}

func (l *simLog) Append(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
	data = bytes.Clone(data)
	until, _ := ctx.Deadline()
	place, asked, err := ask(ctx, l, func(s *service) rooms.Place {
		return s.append(room, id, data, until)
	})
	if err != nil && asked {
		return place, fmt.Errorf("sim: %w: %w", rooms.ErrUncertain, err)
	}
	return place, err
}

func (l *simLog) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	page, _, err := ask(ctx, l, func(s *service) rooms.Page { return s.read(room, after) })
	return page, err
}

func (l *simLog) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	at, _, err := ask(ctx, l, func(s *service) rooms.Place { return s.follow(room, l) })
	if err != nil {
		l.Unfollow(room)
		return at, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rooms[room] = &simFollow{receive: receive, heard: at}
	return at, nil
}

func (l *simLog) Unfollow(room string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.rooms, room)
	l.process.Send(l.at, func() {
		l.service.mu.Lock()
		defer l.service.mu.Unlock()
		l.service.unfollow(room, l)
	})
	return nil
}

// tell is called by the service.
func (l *simLog) tell(room string, n rooms.News) {
	l.at.Send(l.process, func() { l.hear(room, n) })
}

func (l *simLog) hear(room string, n rooms.News) {
	l.telling.Lock()
	defer l.telling.Unlock()
	l.mu.Lock()
	f := l.rooms[room]
	if f != nil && n.Seq != 0 {
		f.heard = n.Place
	}
	l.mu.Unlock()
	if f != nil {
		f.receive(n)
	}
}

// run asks the service how it is. It ends when the log is closed.
func (l *simLog) run() {
	for {
		select {
		case <-l.quit:
			return
		case <-time.After(simBeat):
		}
		l.beat()
	}
}

func (l *simLog) beat() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*simBeat)
	defer cancel()
	l.mu.Lock()
	names := slices.Sorted(maps.Keys(l.rooms))
	l.mu.Unlock()
	state, _, err := ask(ctx, l, func(s *service) simState { return s.state(l, names) })
	for name, reason := range l.behind(state, err) {
		l.hear(name, rooms.News{Err: reason})
	}
}

// behind returns the rooms that have to look, and why.
func (l *simLog) behind(state simState, err error) map[string]error {
	l.mu.Lock()
	defer l.mu.Unlock()
	broken := err == nil && (l.silent || state.starts != l.starts)
	l.silent = err != nil
	if err != nil {
		return nil
	}
	l.starts = state.starts
	look := make(map[string]error)
	for name, end := range state.ends {
		f := l.rooms[name]
		switch {
		case f == nil:
		case broken:
			look[name] = errSilent
		case f.heard != end:
			f.heard = end
			look[name] = nil
		}
	}
	return look
}
