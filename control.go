package sockets

import "sync"

// maxPongs is how many pings may wait for their answer. Of more the newest are
// answered, which is enough (RFC 6455, 5.5.3): a client that only pings cannot
// make the library hold more.
const maxPongs = 16

// control is the control frames that the writer owes the peer. The reader adds
// pongs, the closer a ping.
type control struct {
	// wake tells the writer to look here, and whether flushing was closed. One channel
	// serves for all, because a select costs by the channel, for every message.
	wake chan struct{} // capacity 1

	mu    sync.Mutex // protects what follows
	pongs [][]byte
	ping  bool
}

// owePong answers a ping with a copy of its payload.
func (c *control) owePong(payload []byte) {
	c.mu.Lock()
	if len(c.pongs) == maxPongs {
		copy(c.pongs, c.pongs[1:])
		c.pongs = c.pongs[:maxPongs-1]
	}
	c.pongs = append(c.pongs, append([]byte(nil), payload...))
	c.mu.Unlock()
	c.wakeWriter()
}

func (c *control) owePing() {
	c.mu.Lock()
	c.ping = true
	c.mu.Unlock()
	c.wakeWriter()
}

// take returns what is owed, which then is not owed any more.
func (c *control) take() (pongs [][]byte, ping bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pongs, ping = c.pongs, c.ping
	c.pongs, c.ping = nil, false
	return pongs, ping
}

func (c *control) wakeWriter() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
