package load

import (
	"bytes"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// Latest has one client broadcast a value of each key at each pace, and looks how old the
// values are that viewers read at last: those that read at once, and one that reads at a
// rate in bytes a second. A message is its key, a space, and when it was sent.
func Latest(path string, viewers, keys int, pace time.Duration, rate float64) Load {
	return func(r *Round) []Figure {
		all := r.gather(path, viewers+1, 1)
		last := make([]atomic.Int64, viewers+1) // nanoseconds: how old the last value was
		r.repeat(len(all), func(i int) {
			p := all[i].hear()
			_, at, _ := bytes.Cut(p, []byte(" "))
			sent, err := strconv.ParseInt(string(at), 10, 64)
			if err != nil {
				r.must(fmt.Errorf("%w: %q", ErrWrong, p))
			}
			last[i].Store(time.Now().UnixNano() - sent)
			if i == viewers {
				r.sleep(time.Duration(float64(len(p)) / rate * 1e9))
			}
		})
		r.repeat(1, func(int) {
			var frames []byte
			for k := range keys {
				value := fmt.Appendf(nil, "key-%d %d", k, time.Now().UnixNano())
				frames = append(frames, text(value)...)
			}
			if _, err := all[0].Write(frames); !r.ending.Load() {
				r.must(err)
			}
			r.sleep(pace)
		})
		r.sleep(r.Warm + 2*r.Measure)
		slow, others := last[viewers].Load(), int64(0)
		for i := range viewers {
			others = max(others, last[i].Load())
		}
		r.end(all, 0)
		return []Figure{{"slow viewer, ms", float64(slow) / 1e6},
			{"others, ms", float64(others) / 1e6}}
	}
}
