package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
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
	sent     []atomic.Int64    // nanoseconds: when the first were sent
	took     [][]time.Duration // what those took, by member
}

// gather opens n clients that read, and so many that do not, and returns when a broadcast
// would reach all. The first messages are timed, and due.
func (r *Round) gather(path string, n, stalled int, payloads [][]byte, timed int) *audience {
	a := &audience{Round: r, payloads: payloads, whole: make(chan struct{}, 1),
		sent: make([]atomic.Int64, timed), took: make([][]time.Duration, n)}
	a.due.Store(int64(timed))
	a.members = r.dialAll(n, manner{path: path, buffer: 16 << 10})
	r.dialAll(stalled, manner{path: path, stalled: true})
	late := time.Now().Add(time.Minute)
	for r.Err() == nil && r.usage(false).Joined != int64(n+stalled) {
		if r.sleep(5 * time.Millisecond); time.Now().After(late) {
			r.fail(fmt.Errorf("load: %d clients have not joined", n+stalled))
		}
	}
	for i := range a.members {
		r.client(func() error { return a.read(i) })
	}
	return a
}

// read ends when the connection fails or end interrupts it. Order and completeness are
// those of the sender.
func (a *audience) read(member int) error {
	for nth := 0; ; nth++ {
		p, err := a.members[member].next()
		if a.ending.Load() && errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if nth < len(a.sent) {
			took := time.Now().UnixNano() - a.sent[nth].Load()
			a.took[member] = append(a.took[member], time.Duration(took))
		}
		if err == nil {
			err = same(p, a.payloads[nth%len(a.payloads)])
		}
		due := a.due.Load()
		if err == nil && int64(nth) >= due {
			err = fmt.Errorf("%w: more than sent", ErrWrong)
		}
		if err != nil {
			return fmt.Errorf("member %d, message %d: %w", member, nth, err)
		}
		if a.got.Add(1) == due*int64(len(a.members)) {
			a.whole <- struct{}{}
		}
	}
}

// end stops reading.
func (a *audience) end() {
	a.ending.Store(true)
	for _, m := range a.members {
		_ = m.SetReadDeadline(time.Now())
	}
}

// send sends n messages in one write.
func (a *audience) send(n int) error {
	var frames []byte
	for range n {
		frames = append(frames, a.members[0].frames(a.payloads[a.next%len(a.payloads)], 1)...)
		a.next++
	}
	_, err := a.members[0].Write(frames)
	return err
}

// await returns when all that is due has reached everyone.
func (a *audience) await() error {
	progress := time.NewTicker(a.Patience)
	defer progress.Stop()
	for seen := int64(-1); ; {
		select {
		case <-a.whole:
			return nil
		case <-a.Done():
			return context.Cause(a)
		case <-progress.C:
			got := a.got.Load()
			if got == seen {
				return fmt.Errorf("%w after %d deliveries", ErrFrozen, got)
			}
			seen = got
		}
	}
}

// bursts sends n messages, waits until they have reached everyone, and so on for d. It
// returns the deliveries.
func (a *audience) bursts(n int, d time.Duration) (deliveries float64, err error) {
	before := a.got.Load()
	for begin := time.Now(); err == nil && time.Since(begin) < d; {
		a.due.Add(int64(n))
		if err = a.send(n); err == nil {
			err = a.await()
		}
	}
	return float64(a.got.Load() - before), err
}

// FanOut lets one of n members send a burst, which the server must deliver to every
// member, the sender too, and then the next. A delivery is one message to one member.
func FanOut(path string, payload []byte, n, burst int) Load {
	return func(r *Round) []Figure {
		a := r.gather(path, n, 0, [][]byte{payload}, 0)
		defer a.end()
		_, err := a.bursts(burst, r.Warm)
		before := r.usage(false).CPU
		if r.check(err) {
			return nil
		}
		n, err := a.bursts(burst, r.Measure)
		r.check(err)
		return []Figure{micros(r.usage(false).CPU-before, n)}
	}
}

// RoomSendBuffer is for Options.SendBuffer of the server. The kernel lends a connection
// megabytes on a loopback, so that a stalled member would be noticed after thousands of
// messages. With this it is after dozens.
const RoomSendBuffer = 8 << 10

// Room broadcasts to members of whom some do not read: first at a pace that leaves the
// server time, to see how long a message takes from the sender's write to the read of a
// healthy member, then in bursts of 16, as fast as those can. All figures are NaN if the
// room froze, and the last says when it did.
func Room(path string, healthy, stalled int, pace time.Duration) Load {
	payloads := make([][]byte, 1<<13)
	for i := range payloads {
		payloads[i] = fmt.Appendf(nil, "%d%s", i, bytes.Repeat([]byte{'.'}, 400))[:400]
	}
	return func(r *Round) []Figure {
		a := r.gather(path, healthy, stalled, payloads, int(r.Measure/pace))
		defer a.end()
		before := r.usage(false).CPU
		for i := range a.sent {
			if r.sleep(pace); r.Err() != nil {
				return nil
			}
			a.sent[i].Store(time.Now().UnixNano())
			r.check(a.send(1))
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
		if r.check(err) {
			return nil
		}
		all := slices.Sorted(slices.Values(slices.Concat(a.took...)))
		ms := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))]) / 1e6 }
		return []Figure{{"p50 ms", ms(.50)}, {"p99 ms", ms(.99)}, micros(used, paced),
			{"k/s", n / time.Since(begin).Seconds() / 1e3}}
	}
}
