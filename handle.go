package sockets

import (
	"context"
	"net/http"
	"reflect"
)

// Channels is what a handler of [HandleJSON], [HandleText] or [HandleBytes] gets: the
// channels of one connection, which carry messages of type M, and the Connection itself.
// The table in the package's documentation says who sends on each channel and who closes
// it.
type Channels[M any] struct {
	Receiver   <-chan M         // messages from the client
	Sender     chan<- M         // messages to the client
	Prepared   chan<- *Prepared // messages to the client that were encoded before
	Done       <-chan bool      // gives true at the end
	Disconnect chan<- int       // takes a close code and ends the connection
	Errors     <-chan error     // gives the error before Done, if there is one

	// Context is cancelled when the end is decided; its cause says why. It has the values
	// of the request's context.
	Context context.Context

	*Connection // has RemoteAddr, Subprotocol, Close and CloseAt
}

// HandleJSON returns an http.Handler, for any router, that makes each request a websocket
// and calls handle with its channels of *T. Each message is one JSON value in a text
// frame, as [JSON] describes. A nil *Options means the defaults.
//
// The connection ends when handle returns. If handle panics, the connection is closed
// with 1011 and the panic goes on to the middleware around the handler, or to net/http.
//
// HandleJSON panics if handle is nil, if encoding/json can never fill a part of T (see
// [JSON]), or if the options contain a mistake.
func HandleJSON[T any](
	handle func(r *http.Request, c Channels[*T]), o *Options,
) http.Handler {
	return newHandler(jsonKindOf(reflect.TypeFor[T]()), handle, o)
}

// HandleText is like [HandleJSON], for channels of strings, as [Messages] describes.
func HandleText(
	handle func(r *http.Request, c Channels[string]), o *Options,
) http.Handler {
	return newHandler(textKind{}, handle, o)
}

// HandleBytes is like [HandleJSON], for channels of byte slices, as [ByteSliceMessages]
// describes.
func HandleBytes(
	handle func(r *http.Request, c Channels[[]byte]), o *Options,
) http.Handler {
	return newHandler(bytesKind{}, handle, o)
}

// newHandler returns the http.Handler. M is what the handler's channels carry, and E what
// the goroutines take it for: they differ in JSON (see jsonKind).
func newHandler[M, E any](
	k kind[E], handle func(*http.Request, Channels[M]), o *Options,
) http.Handler {
	if handle == nil {
		misuse("Handle", "(nil)", "give a function of the request and its channels")
	}
	c := compile([]*Options{o})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, k, c, func(b *bridge[E]) { handle(r, channels[M](b)) })
	})
}

func channels[M, E any](b *bridge[E]) Channels[M] {
	return Channels[M]{
		Receiver:   b.injected[0].(<-chan M),
		Sender:     b.injected[1].(chan<- M),
		Prepared:   b.prepared,
		Done:       b.closer.done,
		Disconnect: b.disconnect,
		Errors:     b.closer.errors,
		Context:    b.connection.ctx,
		Connection: b.connection,
	}
}
