package load

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Latest has one client broadcast a value of each key at each pace, and looks how old the
// values are that viewers read at last: those that read at once, and one that reads at a
// rate in bytes a second. A message is its key, a space, and when it was sent.
func Latest(path string, viewers, keys int, pace time.Duration, rate float64) Load {
	return func(r *Round) []Figure {
		all := r.dialAll(viewers, manner{path: path, buffer: 16 << 10})
		all = append(all, r.dialAll(1, manner{path: path, buffer: 4 << 10, stalled: true})...)
		for r.Err() == nil && r.usage(false).Joined != int64(len(all)) {
			r.sleep(5 * time.Millisecond)
		}
		if r.Err() != nil {
			return nil
		}
		var mu sync.Mutex // protects last
		last := make([]float64, len(all))
		for i, c := range all {
			r.client(func() error {
				for {
					p, err := c.next()
					if err != nil {
						return r.unlessEnding(err)
					}
					_, at, _ := bytes.Cut(p, []byte(" "))
					sent, err := strconv.ParseInt(string(at), 10, 64)
					if err != nil {
						return fmt.Errorf("%w: %q", ErrWrong, p)
					}
					mu.Lock()
					last[i] = float64(time.Now().UnixNano()-sent) / 1e6
					mu.Unlock()
					if i == viewers {
						r.sleep(time.Duration(float64(len(p)) / rate * 1e9))
					}
				}
			})
		}
		r.client(func() error {
			for !r.ending.Load() && r.Err() == nil {
				if err := all[0].sendValues(keys); err != nil {
					return r.unlessEnding(err)
				}
				r.sleep(pace)
			}
			return nil
		})
		r.sleep(r.Warm + 2*r.Measure)
		mu.Lock()
		ages := slices.Clone(last)
		mu.Unlock()
		r.ending.Store(true)
		for _, c := range all {
			_ = c.SetDeadline(time.Now())
		}
		return []Figure{{"slow viewer, ms", ages[viewers]},
			{"others, ms", slices.Max(ages[:viewers])}}
	}
}

// sendValues sends a value of each key in one write.
func (c *conn) sendValues(keys int) error {
	var frames []byte
	for k := range keys {
		p := fmt.Appendf(nil, "key-%d %d", k, time.Now().UnixNano())
		frames = append(frames, c.frames(p, 1)...)
	}
	_, err := c.Write(frames)
	return err
}

// unlessEnding drops an error that the end of the round has made.
func (r *Round) unlessEnding(err error) error {
	if r.ending.Load() {
		return nil
	}
	return err
}
