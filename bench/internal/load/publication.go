package load

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

// publication is what is broadcast, in order, and when it was.
type publication struct {
	payloads [][]byte
	frames   [][]byte
	start    time.Time
	sent     []atomic.Int64    // nanoseconds after start, of those at an even pace
	next     int               // for the publisher alone
	took     [][]time.Duration // by healthy member
}

func newPublication(r Room) *publication {
	const most = 1 << 13
	p := &publication{start: time.Now(), took: make([][]time.Duration, r.Healthy)}
	paced := int(r.Measure / r.Pace)
	p.sent = make([]atomic.Int64, paced)
	for i := range p.took {
		p.took[i] = make([]time.Duration, 0, paced)
	}
	for i := range most {
		text := strconv.AppendInt(nil, int64(i), 10)
		text = append(text, bytes.Repeat([]byte{'.'}, r.Size)...)[:r.Size]
		p.payloads, p.frames = append(p.payloads, text), append(p.frames, frame.Text(text))
	}
	return p
}

// receive is called by each member for its nth message: order and completeness are those
// of the publisher.
func (p *publication) receive(member, nth int, payload []byte) error {
	if nth >= len(p.payloads) || !bytes.Equal(payload, p.payloads[nth]) {
		return fmt.Errorf("%w: %.16q as number %d", ErrWrong, payload, nth)
	}
	if nth < len(p.sent) {
		sent := time.Duration(p.sent[nth].Load())
		p.took[member] = append(p.took[member], time.Since(p.start)-sent)
	}
	return nil
}

func (p *publication) paced(
	ctx context.Context, from *client.Conn, n int, pace time.Duration,
) error {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for range n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		p.sent[p.next].Store(int64(time.Since(p.start)))
		if err := p.burst(from, 1); err != nil {
			return err
		}
	}
	return nil
}

func (p *publication) burst(from *client.Conn, n int) error {
	_, err := from.Write(bytes.Join(p.frames[p.next:p.next+n], nil))
	p.next += n
	return err
}

func (p *publication) latencies() Figures {
	all := slices.Concat(p.took...)
	slices.Sort(all)
	ms := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))]) / 1e6 }
	return Figures{{RoomP50, ms(.50)}, {RoomP99, ms(.99)}}
}
