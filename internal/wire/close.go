package wire

import "net"

// CloseWrite tells the peer that nothing follows. It returns false if the connection has
// no way to do that: TCP and TLS have one, and so has a connection that only wraps one of
// them and shows it as NetConn.
func (c *Conn) CloseWrite() bool {
	for conn := c.Conn; conn != nil; conn = inner(conn) {
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			return half.CloseWrite() == nil
		}
	}
	return false
}

// Close closes the network connection. With TLS it tells the peer first, unless
// a write has failed: the alert would then follow half a record.
func (c *Conn) Close() error {
	if c.broken.Load() {
		return c.Abort()
	}
	return c.Conn.Close()
}

// Layered reports whether a protocol between this Conn and the network, such as
// TLS, sends something at the end of a stream.
func (c *Conn) Layered() bool { return inner(c.Conn) != nil }

// Abort closes the network connection at once. Unlike closing a TLS connection, it does
// not wait for a pending write. Then it closes the layers above, which may count
// connections.
func (c *Conn) Abort() error {
	below := lowest(c.Conn)
	err := below.Close()
	if below != c.Conn {
		c.Conn.Close()
	}
	return err
}

// lowest returns the connection below all layers, such as TLS, that show what they wrap.
func lowest(conn net.Conn) net.Conn {
	for below := inner(conn); below != nil; below = inner(conn) {
		conn = below
	}
	return conn
}

// inner returns the connection that conn wraps, or nil if it wraps none, or hides it.
func inner(conn net.Conn) net.Conn {
	if layer, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return layer.NetConn()
	}
	return nil
}
