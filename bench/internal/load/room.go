package load

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
)

// The figures of a room. All are NaN where the room froze, except RoomFrozen, which only
// a frozen one has. The latencies are those from the publisher's write to a healthy
// member's read, at an even pace of broadcasts.
const (
	RoomP50    = "p50 ms"
	RoomP99    = "p99 ms"
	RoomCPU    = "µs"  // CPU time of the server a delivery to a healthy member, at that pace
	RoomRate   = "k/s" // deliveries to healthy members, as fast as they go
	RoomFrozen = "deliveries until frozen"
)

// Room broadcasts to members of whom some do not read: first at a pace that leaves the
// server time, to see how long a message takes to the healthy ones, then as fast as those
// can.
type Room struct {
	Path    string
	Size    int // bytes of a message
	Healthy int
	Stalled int
	Pace    time.Duration // from one broadcast to the next
	Burst   int           // broadcasts under way, as fast as they go
	Window
}

// The kernel lends a connection megabytes on a loopback, so that a stalled member would
// be noticed after thousands of messages. With these it is after dozens.
const (
	RoomSendBuffer = 8 << 10 // of the server, for healthy members too
	stalledWindow  = 2 << 10 // of a member that does not read
)

// Run measures one round.
func (r Room) Run(ctx context.Context, s Server) (Figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timeout := r.Warm + 2*r.Measure + spare
	healthy, hangUp, err := dial(ctx, s, r.Path, r.Healthy, client.Options{Timeout: timeout})
	if err != nil {
		return nil, err
	}
	defer hangUp()
	_, hangUpStalled, err := dial(ctx, s, r.Path, r.Stalled, client.Options{
		Timeout: timeout, ReadBuffer: 1, Window: stalledWindow})
	if err != nil {
		return nil, err
	}
	defer hangUpStalled()
	if err := s.AwaitJoined(ctx, r.Healthy+r.Stalled); err != nil {
		return nil, err
	}
	p := newPublication(r)
	a := newAudience(healthy, r.Patience, cancel, p.receive)
	defer a.end()
	f, err := r.measure(ctx, s, a, p)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause // a wrong answer hangs up, which then fails all else
	}
	if errors.Is(err, ErrFrozen) {
		nan := math.NaN()
		return Figures{{RoomP50, nan}, {RoomP99, nan}, {RoomCPU, nan}, {RoomRate, nan},
			{RoomFrozen, float64(a.got.Load()) / float64(r.Healthy)}}, nil
	}
	return f, err
}

func (r Room) measure(
	ctx context.Context, s Server, a *audience, p *publication,
) (Figures, error) {
	before, err := s.Usage(ctx)
	if err != nil {
		return nil, err
	}
	paced := int(r.Measure / r.Pace)
	err = a.broadcast(ctx, paced, func() error { return p.paced(ctx, a.members[0], paced, r.Pace) })
	if err != nil {
		return nil, err
	}
	after, err := s.Usage(ctx)
	if err != nil {
		return nil, err
	}
	f := p.latencies()
	f = append(f, Figure{RoomCPU, micros(after.CPU-before.CPU, int64(paced*r.Healthy))})
	from, start := a.got.Load(), time.Now()
	for time.Since(start) < r.Measure && p.next+r.Burst <= len(p.frames) {
		err := a.broadcast(ctx, r.Burst, func() error { return p.burst(a.members[0], r.Burst) })
		if err != nil {
			return nil, err
		}
	}
	return append(f, Figure{RoomRate, rate(a.got.Load()-from, time.Since(start))}), nil
}
