package serve

import (
	"net"
	"net/http"
)

// free is any free port of the loopback.
const free = "127.0.0.1:0"

// listen serves h on a free port until the process ends.
func listen(h http.Handler, sendBuffer int, failed chan<- error) (net.Addr, error) {
	l, err := net.Listen("tcp", free)
	if err != nil {
		return nil, err
	}
	go func() { failed <- http.Serve(listener{l, sendBuffer}, h) }()
	return l.Addr(), nil
}

// listener gives every connection the same send buffer, so that a stalled client is
// noticed after kilobytes, not after the megabytes that Linux lends on a loopback.
type listener struct {
	net.Listener
	sendBuffer int
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil && l.sendBuffer > 0 {
		err = c.(*net.TCPConn).SetWriteBuffer(l.sendBuffer)
	}
	return c, err
}
