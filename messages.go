package sockets

import "github.com/gorilla/websocket"

// textKind: strings in text frames.
type textKind struct{}

func (textKind) frameType() int { return websocket.TextMessage }

func (textKind) textOnly() bool { return true }

func (textKind) channels(receive, send int) pair[string] {
	return directed(make(chan string, receive), make(chan string, send))
}

func (textKind) decode(data []byte) (string, error) { return string(data), nil }

func (textKind) encode(out *buffers, m string) ([]byte, error) {
	out.Reset()
	out.WriteString(m)
	return out.Bytes(), nil
}

// bytesKind: byte slices in binary frames.
type bytesKind struct{}

func (bytesKind) frameType() int { return websocket.BinaryMessage }

func (bytesKind) textOnly() bool { return false }

func (bytesKind) channels(receive, send int) pair[[]byte] {
	return directed(make(chan []byte, receive), make(chan []byte, send))
}

// decode returns an empty slice for an empty message, never nil.
func (bytesKind) decode(data []byte) ([]byte, error) { return append([]byte{}, data...), nil }

func (bytesKind) encode(_ *buffers, m []byte) ([]byte, error) { return m, nil }

func directed[M any](receiver, sender chan M) pair[M] {
	return pair[M]{receiver, sender, [2]any{(<-chan M)(receiver), (chan<- M)(sender)}}
}
