package sockets

import (
	"testing"
	"time"
)

// heart drives a pulse over a network whose clock moves with the waits, and by what a test
// adds.
type heart struct {
	pulse
	time, since time.Duration
	busy        bool // the reader does not wait for the network
	unsent      int
	written     int64
}

func (h *heart) Age() time.Duration             { return h.time }
func (h *heart) Waiting() (time.Duration, bool) { return h.since, !h.busy }
func (h *heart) Unsent() int                    { return h.unsent }
func (h *heart) Written() int64                 { return h.written }

func newHeart(pingPeriod, pongWait time.Duration) *heart {
	c := compile([]*Options{{PingPeriod: pingPeriod, PongWait: pongWait}})
	return &heart{pulse: newPulse(c)}
}

// hear makes the client send something.
func (h *heart) hear() { h.since, h.busy = h.time, false }

// beat waits once, for extra longer than the pulse wanted.
func (h *heart) beat(extra time.Duration) (ping, silent bool) {
	h.time += h.next() + extra
	return h.pulse.beat(h)
}

// forever is longer than any test.
const forever = 100 * 365 * 24 * time.Hour

// untilSilent returns when the client is silent, and how many pings it had. After each
// ping answer may do something.
func (h *heart) untilSilent(answer func(pings int)) (at time.Duration, pings int) {
	for range 1000 {
		ping, silent := h.beat(0)
		if silent {
			return h.time, pings
		}
		if ping {
			pings++
			answer(pings)
		}
	}
	return forever, pings
}

// Contract 3.4: a client is silent if it had a ping and the time to answer, and nothing
// came for PongWait.
func TestPulse(t *testing.T) {
	for _, test := range []struct {
		name       string
		ping, pong time.Duration
		answers    int // to as many pings the client answers at once
		pings      int // that it had; 0 if that is drawn by lot
	}{
		{"no answer", 0, time.Minute, 0, 1},
		{"three answers", 0, time.Minute, 3, 4},
		{"short period", time.Second, time.Minute, 2, 0},
		{"period of nearly all", 59 * time.Second, time.Minute, 1, 2},
		{"no pings", -1, time.Minute, 0, -1},
		{"short", 0, time.Nanosecond * 100, 1, 2},
		{"shorter than a step", 0, time.Nanosecond * 4, 1, 0},
	} {
		h, last := newHeart(test.ping, test.pong), time.Duration(0)
		at, pings := h.untilSilent(func(n int) {
			if n <= test.answers {
				h.hear()
				last = h.time
			}
		})
		late := at - last - test.pong
		if late < -time.Millisecond || late > time.Millisecond {
			t.Errorf("%s: silent %v after the last answer, want %v", test.name, at-last,
				test.pong)
		}
		if test.pings != 0 && pings != max(test.pings, 0) {
			t.Errorf("%s: the client had %d pings, want %d", test.name, pings, test.pings)
		}
	}
}

// Contract 6: if PongWait is off, a client may be silent for ever.
func TestPulseWithoutLimit(t *testing.T) {
	for _, period := range []time.Duration{0, time.Second} {
		if at, _ := newHeart(period, -1).untilSilent(func(int) {}); at != forever {
			t.Errorf("period %v: silent after %v, want never", period, at)
		}
	}
}

// Contract 3.4: only what the network took after the ping is a sign of life.
func TestPulseForgetsOldProgress(t *testing.T) {
	h := newHeart(0, time.Minute)
	h.beat(0) // a ping
	h.hear()
	last := h.time
	h.beat(0)
	h.pulse.unsent, h.acked = 1, -1 // as an earlier silence left them
	if at, _ := h.untilSilent(func(int) {}); at-last > time.Minute+time.Millisecond {
		t.Errorf("silent %v after the answer, want 1m", at-last)
	}
}

// While a client answers, it costs two waits for each ping.
func TestPulseOfAnIdleClient(t *testing.T) {
	h, pings := newHeart(0, time.Minute), 0
	for range 20 {
		if ping, _ := h.beat(0); ping {
			pings++
			h.hear()
		}
	}
	if pings != 10 {
		t.Errorf("20 waits, %d pings, want 10", pings)
	}
}

// Contract 3.4: a process that was stopped drops no client that had no time to answer,
// whenever it is stopped and for how long.
func TestPulseOfAStoppedProcess(t *testing.T) {
	for _, period := range []time.Duration{0, -1, 10 * time.Second} {
		for beats := range 8 { // before the stop
			h := newHeart(period, time.Minute)
			for range beats {
				if _, silent := h.beat(0); silent {
					break
				}
				if h.quiet > 40*time.Second {
					h.hear() // the client lives
				}
			}
			_, silent := h.beat(time.Hour)
			for more := time.Duration(0); !silent && more < 5*time.Second; more += h.wait {
				_, silent = h.beat(0)
			}
			if silent && period >= 0 {
				t.Errorf("period %v: silent right after a stop, %d beats before", period, beats)
			}
		}
	}
}

// Contract 3.4: time in which the reader waits for the handler is no silence.
func TestPulseOfASlowHandler(t *testing.T) {
	h := newHeart(0, time.Minute)
	h.busy = true
	if at, _ := h.untilSilent(func(int) {}); at < time.Hour {
		t.Errorf("silent after %v, while the reader waits for the handler", at)
	}
	h.hear()
	began := h.time
	if at, _ := h.untilSilent(func(int) {}); at-began > 2*time.Minute {
		t.Errorf("silent %v after the handler went on, want 1m or a little more", at-began)
	}
}

// Contract 3.4: as long as the network takes some of what waits for the client, the client
// is there. It then has the time to answer. The network's taking our pings, or more from
// us, is no sign.
func TestPulseOfASlowReader(t *testing.T) {
	for _, test := range []struct {
		name string
		beat func(h *heart) // before each beat
		end  time.Duration
		want time.Duration
	}{
		{"takes all in five minutes", func(h *heart) {
			h.written = 3_000_000
			h.unsent = max(0, 3_000_000-10_000*int(h.time/time.Second))
		}, 5 * time.Minute, time.Minute},
		{"takes nothing", func(h *heart) { h.written, h.unsent = 3_000_000, 3_000_000 }, 0,
			time.Minute},
		{"its system takes the pings", func(h *heart) { h.written++ }, 0, time.Minute},
		{"its system is full, and more is sent", func(h *heart) {
			h.written += 1000
			h.unsent += 1000
		}, 0, time.Minute},
	} {
		h := newHeart(0, time.Minute)
		for silent := false; !silent && h.time < time.Hour; {
			test.beat(h)
			_, silent = h.beat(0)
		}
		if late := h.time - test.end; late < test.want || late > test.want+time.Minute {
			t.Errorf("%s: silent after %v, want %v after %v", test.name, h.time, test.want,
				test.end)
		}
	}
}
