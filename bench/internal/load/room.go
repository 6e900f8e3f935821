package load

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// audience is a set of clients that read what the first of them has broadcast.
type audience struct {
	*Round
	members  []*conn
	payloads [][]byte     // what is broadcast, again and again
	next     int          // for the sender alone
	due      atomic.Int64 // messages that everyone must get
	got      atomic.Int64 // deliveries
	whole    chan struct{}
	read     []int             // messages, by member
	sent     []atomic.Int64    // nanoseconds: when the first were sent
	took     [][]time.Duration // what those took, by member
}

// audience opens n clients that read, and some that do not. The first messages are timed,
// and due.
func (r *Round) audience(path string, n, stalled int, payloads [][]byte, timed int,
) *audience {
	a := &audience{Round: r, payloads: payloads, whole: make(chan struct{}, 1),
		read: make([]int, n), sent: make([]atomic.Int64, timed),
		took: make([][]time.Duration, n)}
	a.due.Store(int64(timed))
	a.members = r.gather(path, n+stalled, stalled)[:n]
	r.repeat(n, a.take)
	return a
}

// take reads the next message of a member. Order and completeness are those of the
// sender.
func (a *audience) take(member int) {
	p := a.members[member].hear()
	nth, due := a.read[member], a.due.Load()
	a.read[member]++
	if nth < len(a.sent) {
		took := time.Now().UnixNano() - a.sent[nth].Load()
		a.took[member] = append(a.took[member], time.Duration(took))
	}
	if int64(nth) >= due {
		a.must(fmt.Errorf("%w: more than sent", ErrWrong))
	}
	a.mustBe(p, a.payloads[nth%len(a.payloads)])
	if a.got.Add(1) == due*int64(len(a.members)) {
		a.whole <- struct{}{}
	}
}

// send sends n messages in one write.
func (a *audience) send(n int) {
	var frames []byte
	for range n {
		frames = append(frames, text(a.payloads[a.next%len(a.payloads)])...)
		a.next++
	}
	_, err := a.members[0].Write(frames)
	a.must(err)
}

// await returns when all that is due has reached everyone, or ErrFrozen.
func (a *audience) await() error {
	for got := int64(-1); a.got.Load() != got; {
		got = a.got.Load()
		select {
		case <-a.whole:
			return nil
		case <-a.Done():
			runtime.Goexit()
		case <-time.After(a.Patience):
		}
	}
	return fmt.Errorf("%w after %d deliveries", ErrFrozen, a.got.Load())
}

// bursts sends n messages, waits until they have reached everyone, and so on for d. It
// returns the deliveries.
func (a *audience) bursts(n int, d time.Duration) (deliveries float64, err error) {
	before := a.got.Load()
	for begin := time.Now(); err == nil && time.Since(begin) < d; {
		a.due.Add(int64(n))
		a.send(n)
		err = a.await()
	}
	return float64(a.got.Load() - before), err
}

// FanOut lets one of n members send a burst, which the server must deliver to every
// member, the sender too, and then the next. A delivery is one message to one member.
func FanOut(path string, payload []byte, n, burst int) Load {
	return func(r *Round) []Figure {
		a := r.audience(path, n, 0, [][]byte{payload}, 0)
		defer r.end(a.members, 0)
		_, err := a.bursts(burst, r.Warm)
		r.must(err)
		before := r.usage(false).CPU
		n, err := a.bursts(burst, r.Measure)
		r.must(err)
		return []Figure{micros(r.usage(false).CPU-before, n)}
	}
}

// Room broadcasts to members of whom some do not read: first at a pace that leaves the
// server time, to see how long a message takes from the sender's write to the read of a
// healthy member, then in bursts of 16, as fast as those can. All figures are NaN if the
// room froze, and the last says when it did.
func Room(path string, healthy, stalled int, pace time.Duration) Load {
	payloads := make([][]byte, 1<<13)
	for i := range payloads {
		payloads[i] = fmt.Appendf(nil, "%0400d", i)
	}
	return func(r *Round) []Figure {
		a := r.audience(path, healthy, stalled, payloads, int(r.Measure/pace))
		defer r.end(a.members, 0)
		before := r.usage(false).CPU
		for i := range a.sent {
			r.sleep(pace)
			a.sent[i].Store(time.Now().UnixNano())
			a.send(1)
		}
		err := a.await()
		used, paced, begin, n := r.usage(false).CPU-before, float64(a.got.Load()), time.Now(), 0.0
		if err == nil {
			n, err = a.bursts(16, r.Measure)
		}
		if nan := math.NaN(); errors.Is(err, ErrFrozen) {
			return []Figure{{"p50 ms", nan}, {"p99 ms", nan}, {"µs", nan}, {"k/s", nan},
				{"deliveries until frozen", float64(a.got.Load()) / float64(healthy)}}
		}
		all := slices.Sorted(slices.Values(slices.Concat(a.took...)))
		ms := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))]) / 1e6 }
		return []Figure{{"p50 ms", ms(.50)}, {"p99 ms", ms(.99)}, micros(used, paced),
			{"k/s", n / time.Since(begin).Seconds() / 1e3}}
	}
}
