//go:build !linux

package wire

// Unsent returns 0: this system does not tell what waits in a socket's buffer.
func (c *Conn) Unsent() int { return 0 }
