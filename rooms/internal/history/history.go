package history

import (
	"fmt"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// The size of a history.
const (
	processes = 3
	clients   = 12
	speakers  = 4
)

var roomNames = []string{"lobby", "a.*"}

// Log runs the history of a seed: speakers speak; clients come, read, go, and come back
// with the last position that they have seen, to the same process or another; processes
// are killed and started; the world breaks and is mended. Then it checks that
//
//   - clients see the messages of a room in one order, none twice, none missing in
//     between, unless they were disconnected and told that it is not complete,
//   - "complete" is never wrong, and is not said for positions of a log that was lost,
//   - what was acknowledged is there, and what has failed for certain is not,
//   - with keys, in half of the histories, what is missing was replaced by a newer one,
//   - every call returns in its time, and all work again soon after the world is mended,
//   - nothing is left.
func Log(t *testing.T, seed uint64, w World) {
	h := &history{run: newRun(t, seed, 17, w.Pace), world: w, ledger: newLedger(w),
		keys:  keysOf(seed),
		calls: newGate(), silent: make(chan struct{}), dropped: w.Dropped}
	h.breaks, h.servers = w.Break, w.Servers
	for range processes {
		h.start()
	}
	for i := range speakers {
		s := &speaker{h: h, id: i, rand: h.newRand()}
		h.speaking.Go(s.speak)
	}
	for i := range clients {
		c := &client{h: h, id: i, room: roomNames[i%len(roomNames)], rand: h.newRand()}
		h.clients = append(h.clients, c)
		h.visiting.Go(c.come)
	}
	h.take(w.Steps, h.step)
	h.end()
}

// history is one run of Log.
type history struct {
	*run
	keys
	world  World
	ledger *ledger

	clients  []*client
	silent   chan struct{} // closed when the speakers end
	speaking sync.WaitGroup
	visiting sync.WaitGroup
	calls    gate // closed while nobody may call

	state     sync.Mutex // protects the fields below
	processes []*process // those killed included
	dropped   bool       // the log has dropped entries
}

func (h *history) step() string {
	switch n := h.rand.IntN(100); {
	case n < 45 && h.breaks != nil:
		return h.breakSome()
	case n < 70:
		return h.mend()
	case n < 78 && h.world.Drop != nil:
		h.state.Lock()
		h.dropped = true
		h.state.Unlock()
		return "drop: " + h.world.Drop(h.rand)
	case n < 84 && h.world.Lose != nil:
		return h.lose()
	case n < 92:
		return h.kill()
	}
	return "wait"
}

// lose has the log lose entries while nobody calls, and nothing is broken.
func (h *history) lose() string {
	h.mend()
	h.calls.close()
	defer h.calls.open()
	what, lost := h.world.Lose(h.rand)
	if !lost {
		return "lose: " + what
	}
	kept := make(map[string]uint64)
	for _, room := range roomNames {
		kept[room] = h.world.Last(room)
	}
	h.ledger.begin(kept)
	return fmt.Sprintf("lose: %s: kept up to %v", what, kept)
}

// process is a process with rooms.
type process struct {
	id   int
	chat *rooms.LogRooms[*Text]
	end  func()
	dead chan struct{} // closed by kill
}

func (h *history) start() string {
	log, kill := h.world.Connect()
	h.state.Lock()
	defer h.state.Unlock()
	p := &process{id: len(h.processes), chat: h.newChat(log), end: kill,
		dead: make(chan struct{})}
	h.processes = append(h.processes, p)
	return fmt.Sprint("start process ", p.id)
}

// kill ends a process, or starts one if few are left.
func (h *history) kill() string {
	living := h.living()
	if len(living) < processes {
		return h.start()
	}
	p := pick(h.rand, living)
	close(p.dead)
	p.end()
	return fmt.Sprint("kill process ", p.id)
}

func (p *process) killed() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

func (h *history) living() []*process {
	h.state.Lock()
	defer h.state.Unlock()
	return filter(h.processes, func(p *process) bool { return !p.killed() })
}
