package sockets

import "sync"

// maxPongs is how many pings may wait for an answer. If there are more, only
// the newest are answered, which is enough (RFC 6455, 5.5.3). So a client that
// only pings cannot make the library keep more.
const maxPongs = 16

// owed holds the control frames that the writer owes the peer. The reader adds
// pongs, and the closer adds a ping.
type owed struct {
	// wake tells the writer to look here and at decided. One channel serves both,
	// because every channel in the writer's select costs time for every message.
	wake chan struct{} // capacity 1

	mu    sync.Mutex // protects the fields below
	pongs [][]byte
	ping  bool
}

// addPong adds the answer to a ping. It copies the payload.
func (o *owed) addPong(payload []byte) {
	o.mu.Lock()
	if len(o.pongs) == maxPongs {
		copy(o.pongs, o.pongs[1:])
		o.pongs = o.pongs[:maxPongs-1]
	}
	o.pongs = append(o.pongs, append([]byte(nil), payload...))
	o.mu.Unlock()
	o.wakeWriter()
}

func (o *owed) addPing() {
	o.mu.Lock()
	o.ping = true
	o.mu.Unlock()
	o.wakeWriter()
}

// take returns the frames and forgets them.
func (o *owed) take() (pongs [][]byte, ping bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	pongs, ping = o.pongs, o.ping
	o.pongs, o.ping = nil, false
	return pongs, ping
}

func (o *owed) wakeWriter() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
