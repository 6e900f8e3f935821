package rooms_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 10.3: one subscription, however many members; none without.
func TestOneSubscription(t *testing.T) {
	b := newFakeBroker(t)
	r := rooms.New(&rooms.Options[string]{Broker: b})
	b.wantAsked()
	ann, bob := join(t, r, "lobby", 1, "ann"), join(t, r, "lobby", 1, "bob")
	b.wantAsked("subscribe")
	ann.Leave()
	ann.Leave()
	b.wantAsked("subscribe")
	bob.Leave()
	bob.Leave()
	b.wantAsked("subscribe", "unsubscribe")
	join(t, r, "lobby", 1, "ann").Leave()
	b.wantAsked("subscribe", "unsubscribe", "subscribe", "unsubscribe")
}

// Contract 10.3: a member that is removed takes the subscription with it, if it was the
// last.
func TestRemovalUnsubscribes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		r := rooms.New(&rooms.Options[string]{Broker: b, Grace: time.Second})
		join(t, r, "lobby", 0, "ann")
		r.Broadcast("lobby", "x")
		time.Sleep(time.Minute)
		b.wantAsked("subscribe", "unsubscribe")
		if got := r.Stats(); got.Rooms != 0 || got.Removed != 1 {
			t.Errorf("Stats = %+v, want no room and one removal", got)
		}
	})
}

// Contract 10.3: a quick leave and join never ends unsubscribed, however slow the broker;
// and broadcasts do not wait for it. No bubble here: the join waits for a mutex, which a
// bubble takes for work.
func TestQuickLeaveAndJoin(t *testing.T) {
	b := newFakeBroker(t)
	r := rooms.New(&rooms.Options[string]{Broker: b})
	ann, bob := join(t, r, "lobby", 10, "ann"), (*client[string])(nil)
	b.block, b.begun = make(chan struct{}), make(chan struct{}, 10)
	var wg sync.WaitGroup
	wg.Go(ann.Leave)
	<-b.begun // unsubscribing
	wg.Go(func() { bob = join(t, r, "lobby", 10, "bob") })
	for r.Len("lobby") == 0 {
		runtime.Gosched()
	}
	if err := r.Broadcast("lobby", "x"); err != nil {
		t.Errorf("Broadcast while the broker works = %v, want no error", err)
	}
	b.wantAsked("subscribe", "unsubscribe")
	close(b.block)
	wg.Wait()
	wantMessages(t, "bob", bob.got(), "x")
	b.wantAsked("subscribe", "unsubscribe", "subscribe")
	if b.receiver("lobby") == nil {
		t.Error("the room ended unsubscribed")
	}
	bob.Leave()
	b.wantAsked("subscribe", "unsubscribe", "subscribe", "unsubscribe")
}

// Contract 10.7: a room that lost its members while it was subscribing is not forgotten
// before it has unsubscribed: whoever joins meanwhile must not subscribe beside it.
func TestJoinDuringLateUnsubscribe(t *testing.T) {
	b := newFakeBroker(t)
	b.block, b.begun = make(chan struct{}), make(chan struct{}, 10)
	o, errs := withErrors(rooms.Options[string]{Broker: b, Backlog: 1})
	r := rooms.New(o)
	var wg sync.WaitGroup
	wg.Go(func() { join(t, r, "lobby", 0, "ann") })
	<-b.begun // subscribing
	r.Broadcast("lobby", "fits")
	r.Broadcast("lobby", "removes ann")
	b.block <- struct{}{}
	<-b.begun // unsubscribing
	var bob *client[string]
	wg.Go(func() { bob = join(t, r, "lobby", 1, "bob") })
	for r.Len("lobby") == 0 {
		runtime.Gosched()
	}
	close(b.block)
	wg.Wait()
	b.wantAsked("subscribe", "unsubscribe", "subscribe")
	b.receiver("lobby")(fromElsewhere(0, 1, "x"), nil)
	wantMessages(t, "bob", bob.got(), "x")
	bob.Leave()
	if len(errs) > 0 || r.Stats().Rooms != 0 {
		t.Errorf("OnError %d, Rooms %d, want neither", len(errs), r.Stats().Rooms)
	}
}

// Contract 10.3 under load: joins and leaves from everywhere, and at the end the last
// word counts.
func TestSubscriptionChurn(t *testing.T) {
	b := newFakeBroker(t)
	r := rooms.New(&rooms.Options[string]{Broker: b})
	for round := range 50 {
		var wg sync.WaitGroup
		stay := make([]*client[string], 1)
		for i := range 6 {
			wg.Go(func() {
				for range 10 {
					join(t, r, "lobby", 1, i).Leave()
				}
				if i == 0 && round%2 == 0 {
					stay[0] = join(t, r, "lobby", 1, i)
				}
			})
		}
		wg.Wait()
		if got, want := b.receiver("lobby") != nil, round%2 == 0; got != want {
			t.Fatalf("round %d: subscribed = %v, want %v", round, got, want)
		}
		if stay[0] != nil {
			stay[0].Leave()
		}
	}
	if got := r.Stats().Rooms; got != 0 {
		t.Errorf("Rooms at the end = %d, want 0", got)
	}
}

// Contract 10.5: a broker that cannot subscribe is tried again by itself; the members of
// the process do not notice.
func TestSubscribeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		b.failing.Store(true)
		o, errs := withErrors(rooms.Options[string]{Broker: b})
		r := rooms.New(o)
		ann, bob := join(t, r, "lobby", 10, "ann"), join(t, r, "empty", 10, "bob")
		bob.Leave()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := len(errs); got < 5 || got > 10 {
			t.Errorf("OnError was told %d times in a minute, want some, in growing pauses", got)
		}
		told := len(errs)
		for i := range 20 {
			join(t, r, "lobby", 10, i)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := len(errs) - told; got < 20 || got > 25 {
			t.Errorf("OnError was told %d times in a minute with 20 joins, want one for each and a few",
				got)
		}
		for len(errs) > 0 {
			if err := <-errs; !errors.Is(err, errBroken) {
				t.Errorf("OnError(%v), want the broker's error", err)
			}
		}
		b.failing.Store(false)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if b.receiver("lobby") == nil || b.receiver("empty") != nil {
			t.Errorf("subscribed: lobby %v, empty %v, want true, false",
				b.receiver("lobby") != nil, b.receiver("empty") != nil)
		}
		r.Broadcast("lobby", "x")
		wantMessages(t, "ann", ann.got(), "x")
		ann.Leave()
	})
}

// Contract 11.8: a broker that never answers keeps nobody in Join or Leave, and what comes
// of it in the end is right.
func TestSubscribeNeverReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		b.block, b.begun = make(chan struct{}), make(chan struct{}, 10)
		o, errs := withErrors(rooms.Options[string]{Broker: b})
		r := rooms.New(o)
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() { join(t, r, "lobby", 10, i) })
		}
		wg.Wait()
		if waited := time.Since(begin); waited > 6*time.Second {
			t.Errorf("Join returned after %v, want 6s at most", waited)
		}
		if err := <-errs; !errors.Is(err, context.DeadlineExceeded) || len(errs) > 0 {
			t.Errorf("OnError(%v) and %d more, want one that nothing has come", err, len(errs))
		}
		begin = time.Now()
		join(t, r, "lobby", 10, "late").Leave()
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("who came later waited for %v, want not at all", waited)
		}
		time.Sleep(time.Hour)
		close(b.block)
		synctest.Wait()
		b.wantAsked("subscribe")
		if b.receiver("lobby") == nil || len(errs) > 0 {
			t.Errorf("subscribed %v, told %d errors more, want true and none",
				b.receiver("lobby") != nil, len(errs))
		}
	})
}

// Contract 11.8: if all have left before the broker answers, nothing stays.
func TestLeftBeforeTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		b.block, b.begun = make(chan struct{}), make(chan struct{}, 10)
		r := rooms.New(&rooms.Options[string]{Broker: b})
		join(t, r, "lobby", 10, "ann").Leave()
		close(b.block)
		synctest.Wait()
		b.wantAsked("subscribe", "unsubscribe")
		if got := r.Stats().Rooms; got != 0 {
			t.Errorf("Rooms = %d, want none", got)
		}
	})
}

// The pauses grow from the first again after a success.
func TestPauseStartsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		b.failing.Store(true)
		o, errs := withErrors(rooms.Options[string]{Broker: b})
		r := rooms.New(o)
		ann := join(t, r, "lobby", 1, "ann")
		time.Sleep(5 * time.Second) // failed after 0, 1 and 3 seconds
		b.failing.Store(false)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		b.block, b.begun = make(chan struct{}), make(chan struct{}, 10)
		go ann.Leave()
		<-b.begun // unsubscribing
		joined := make(chan *client[string])
		go func() { joined <- join(t, r, "lobby", 1, "bob") }()
		for r.Len("lobby") == 0 { // the same room: bob waits for its turn
			runtime.Gosched()
		}
		b.failing.Store(true)
		close(b.block)
		bob := <-joined
		synctest.Wait()
		told := len(errs)
		time.Sleep(firstPause)
		synctest.Wait()
		if got := len(errs) - told; got != 1 {
			t.Errorf("%d tries after the first pause, want 1", got)
		}
		bob.Leave()
	})
}

// firstPause is as long as rooms document it.
const firstPause = time.Second
