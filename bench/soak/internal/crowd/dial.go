package crowd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// errLate ends a life in its handshake, and is no fault: the machine was too busy for it
// to be done in time.
var errLate = errors.New("the handshake was too late")

// handshakeFailed says what an error in a handshake means.
func (l *life) handshakeFailed(err error) error {
	if time.Since(l.begin) >= target.HeaderWait {
		return errLate
	}
	return err
}

// dial opens a websocket connection as a browser does, with compression if deflate. The
// whole connection has a bound, so that nothing hangs for good.
func (l *life) dial(path string, deflate bool) (*websocket.Conn, error) {
	d := websocket.Dialer{
		TLSClientConfig:   l.target.TLS(),
		HandshakeTimeout:  l.Patience,
		EnableCompression: deflate,
		ReadBufferSize:    1 << 10,
		WriteBufferSize:   1 << 10,
	}
	address := l.target.Address(l.secure)
	scheme, origin := "ws://", "http://"
	if l.secure {
		scheme, origin = "wss://", "https://"
	}
	header := http.Header{"Origin": {origin + address}}
	c, response, err := d.Dial(scheme+address+path, header)
	if err != nil {
		if response != nil {
			err = fmt.Errorf("%w: %s", err, response.Status)
		}
		return nil, l.handshakeFailed(fmt.Errorf("connecting to %s: %w", path, err))
	}
	_ = c.NetConn().SetDeadline(time.Now().Add(2 * l.Patience))
	return c, nil
}

// dialNet opens a network connection without any handshake, with TLS where the life is
// secure.
func (l *life) dialNet() (net.Conn, error) {
	c, err := net.DialTimeout("tcp", l.target.Address(l.secure), l.Patience)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(2 * l.Patience))
	if l.secure {
		c = tls.Client(c, l.tlsConfig())
	}
	return c, nil
}

func (l *life) tlsConfig() *tls.Config {
	config := l.target.TLS()
	config.ServerName = "127.0.0.1"
	return config
}

// tcp is the TCP connection beneath one that may be TLS.
func tcp(c net.Conn) *net.TCPConn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return c.(*net.TCPConn)
}

// resetTCP ends a connection without a word.
func resetTCP(c net.Conn) {
	_ = tcp(c).SetLinger(0)
	_ = tcp(c).Close()
}
