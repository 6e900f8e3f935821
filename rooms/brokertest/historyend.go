package brokertest

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// resumption is how long delivery may take to resume: subscribing is tried again after
// half a minute at the latest.
const resumption = 90 * time.Second

// end makes the network whole, waits until all hear each other again, and checks.
func (h *history) end() {
	h.mend()
	for _, g := range h.inside() {
		g.reader.wake()
	}
	whole := h.now()
	h.await("delivery resumes", resumption, func() string { return h.deaf(whole) })
	for _, s := range h.living() {
		s.silence()
	}
	patience := max(patience, h.network.Slowest)
	h.await("everything arrives or is told", patience, h.verdict)
	// One process alone hears itself, also while it has still to subscribe again.
	h.await("the network has the subscriptions that it should", resumption, h.unsubscribed)
	for _, g := range h.inside() {
		if g.reason() != nil {
			g.walkAway()
		} else {
			g.leave(0)
		}
	}
	h.await("nothing is left", patience, h.remains)
}

// await polls until there is no complaint.
func (h *history) await(what string, patience time.Duration, complaint func() string) {
	h.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(h.network.Pace / 2) {
		reason := complaint()
		if reason == "" {
			return
		}
		if time.Now().After(deadline) {
			h.t.Errorf("waited %v in vain: %s: %s", patience, what, reason)
			return
		}
	}
}

// deaf names a guest that has not heard a speaker since then.
func (h *history) deaf(since int64) string {
	for _, g := range h.inside() {
		for _, s := range h.living() {
			for _, sp := range s.speakers {
				n := g.last(sp)
				if sp != s.crier && g.reason() == nil && (n < 0 || sp.began(g.room, n) < since) {
					return fmt.Sprintf("%v has heard nothing of process %d's publisher %d",
						g, s.id, sp.id)
				}
			}
		}
	}
	return ""
}

// unsubscribed compares the subscriptions with the rooms that have members.
func (h *history) unsubscribed() string {
	if h.network.Subscriptions == nil {
		return ""
	}
	want := 0
	for _, s := range h.living() {
		want += len(s.rooms.Names())
	}
	if got := h.network.Subscriptions(); got != want {
		return fmt.Sprintf("%d subscriptions, want %d", got, want)
	}
	return ""
}

// remains says what is left when everyone has left.
func (h *history) remains() string {
	for _, s := range h.sites {
		if got := s.rooms.Stats(); got.Rooms != 0 || got.Members != 0 || got.Behind != 0 {
			return fmt.Sprintf("process %d has %+v", s.id, got)
		}
	}
	for _, g := range h.guests {
		if n := g.late(); n > 0 {
			h.t.Errorf("%v got %d messages after Leave, want none", g, n)
		}
	}
	if n := roomGoroutines(); n > 0 {
		return fmt.Sprintf("%d goroutines of the rooms", n)
	}
	return h.unsubscribed()
}

// roomGoroutines counts those that package rooms has started, itself or by what is
// internal to it.
func roomGoroutines() int {
	stacks := make([]byte, 1<<20)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	creator := "\ncreated by " + roomsPackage()
	return bytes.Count(stacks, []byte(creator+".")) +
		bytes.Count(stacks, []byte(creator+"/internal/"))
}

// roomsPackage is the path of package rooms, the parent of this one's.
func roomsPackage() string {
	pc, _, _, _ := runtime.Caller(0)
	path, _, _ := strings.Cut(runtime.FuncForPC(pc).Name(), "/brokertest")
	return path
}
