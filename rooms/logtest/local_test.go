package logtest_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/logtest"
)

var (
	errAway     = errors.New("the service is down")
	errFollowed = errors.New("followed already")
)

// local is a service in memory, and the processes that use it. It is a right one.
type local struct {
	service   *service
	processes []*localLog
}

func newLocal() *local { return &local{service: newService(1, 60)} }

// store is what the suite runs on. Fault turns the right log of each process into
// another.
func (l *local) store(fault func(rooms.Log) rooms.Log) logtest.Store {
	return logtest.Store{
		Connect: func(t *testing.T) rooms.Log { return fault(l.connect(t)) },
		Count:   l.service.count,
		Stop:    func(*testing.T) { l.service.stop() },
		Start:   func(*testing.T) { l.start() },
		Lose:    func(*testing.T) { l.lose(saved{}) },
		Snapshot: func(*testing.T) func(*testing.T) {
			kept := l.service.save()
			return func(*testing.T) { l.lose(kept) }
		},
	}
}

func (l *local) lose(to saved) {
	l.service.stop()
	l.service.lose(to)
	l.start()
}

func (l *local) connect(t *testing.T) *localLog {
	p := &localLog{service: l.service, news: make(chan func(), 1<<16), quit: make(chan struct{}),
		rooms: make(map[string]func(rooms.News))}
	l.processes = append(l.processes, p)
	var ended sync.WaitGroup
	ended.Go(p.run)
	t.Cleanup(func() {
		close(p.quit)
		ended.Wait()
	})
	return p
}

func (l *local) start() {
	l.service.start()
	for _, p := range l.processes {
		p.back()
	}
}

// localLog is a log that reaches its service at once.
type localLog struct {
	service *service
	news    chan func() // in order
	quit    chan struct{}
	// rooms has who is followed. The service's lock protects it.
	rooms map[string]func(rooms.News)
}

// run tells what is new. It ends with the test.
func (p *localLog) run() {
	for {
		select {
		case tell := <-p.news:
			tell()
		case <-p.quit:
			return
		}
	}
}

// tell is called with the service's lock.
func (p *localLog) tell(room string, n rooms.News) {
	n.Data = bytes.Clone(n.Data)
	p.news <- func() {
		p.service.mu.Lock()
		receive := p.rooms[room]
		p.service.mu.Unlock()
		if receive != nil {
			receive(n)
		}
	}
}

// back follows again when the service is there again, and lets all rooms look.
func (p *localLog) back() {
	p.service.mu.Lock()
	defer p.service.mu.Unlock()
	for room := range p.rooms {
		p.service.follow(room, p)
		p.tell(room, rooms.News{Err: errAway})
	}
}

// ready locks the service. Whoever has called it has to unlock it, also after an error.
func (p *localLog) ready(ctx context.Context) error {
	p.service.mu.Lock()
	if p.service.down {
		return errAway
	}
	return ctx.Err()
}

func (p *localLog) Append(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
	err := p.ready(ctx)
	defer p.service.mu.Unlock()
	if err != nil {
		return rooms.Place{}, err
	}
	return p.service.append(room, id, append([]byte{}, data...), time.Now().Add(time.Hour)), nil
}

func (p *localLog) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	err := p.ready(ctx)
	defer p.service.mu.Unlock()
	if err != nil {
		return rooms.Page{}, err
	}
	page := p.service.read(room, after)
	for i := range page.Entries {
		page.Entries[i].Data = bytes.Clone(page.Entries[i].Data)
	}
	return page, nil
}

func (p *localLog) Follow(ctx context.Context, room string, receive func(rooms.News)) (
	rooms.Place, error,
) {
	err := p.ready(ctx)
	defer p.service.mu.Unlock()
	switch {
	case err != nil:
		return rooms.Place{}, err
	case p.rooms[room] != nil:
		return rooms.Place{}, errFollowed
	}
	p.rooms[room] = receive
	return p.service.follow(room, p), nil
}

func (p *localLog) Unfollow(room string) error {
	p.service.mu.Lock()
	defer p.service.mu.Unlock()
	delete(p.rooms, room)
	p.service.unfollow(room, p)
	return nil
}
