package sockets

import (
	"context"
	"net/http"

	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// JSON returns a Martini handler that binds a websocket to channels of *T, where T is the type of v, or what v points
// to: JSON(Message{}) and JSON(&Message{}) both inject a <-chan *Message and a chan<- *Message. Each message is
// one JSON value in a text frame. At most one *Options is looked at.
//
// It panics when v is nil, when encoding/json could not fill a T, and when the options hold a mistake.
func JSON(v any, options ...*Options) martini.Handler {
	return bind(newJSONKind(v), compile(options))
}

// Messages returns a Martini handler that binds a websocket to channels of strings. A string goes out in a text frame. What comes in, in frames of
// either kind, is always valid UTF-8. At most one *Options is looked at.
//
// It panics when the options hold a mistake.
func Messages(options ...*Options) martini.Handler {
	return bind(textKind{}, compile(options))
}

// ByteSliceMessages returns a Martini handler that binds a websocket to channels of []byte. A slice goes out in a binary frame, and must
// not be changed after it was sent. A slice that was received is the handler's own; an empty message is an empty slice, not
// nil. At most one *Options is looked at.
//
// It panics when the options hold a mistake.
func ByteSliceMessages(options ...*Options) martini.Handler {
	return bind(bytesKind{}, compile(options))
}

// bind returns the middleware: it decides on the request and upgrades it, maps what the handler may ask for, and runs the handler.
func bind[M any](k kind[M], c *config) martini.Handler {
	return func(ctx martini.Context, w http.ResponseWriter, r *http.Request) {
		if f := c.handshake.check(r); f != nil {
			refuse(ctx, w, r, c, f)
			return
		}
		member := c.group.join()
		if member == nil {
			refuse(ctx, w, r, c, &refusal{http.StatusServiceUnavailable, errShutdown})
			return
		}
		defer c.group.leave(member)
		ws, wire, err := c.handshake.upgrade(w, r, c)
		if err != nil {
			refuse(ctx, w, r, c, &refusal{http.StatusBadRequest, err})
			return
		}
		dropResponse(ctx, w)
		serve(ctx, newBridge(r.Context(), k, c, ws, wire, member))
	}
}

// refuse ends a request that does not become a connection. Martini runs no later handler, because something was written.
func refuse(ctx martini.Context, w http.ResponseWriter, r *http.Request, c *config, f *refusal) {
	c.log.printf(LogLevelWarning, r.RemoteAddr, "refused %.40q from origin %.300q with %d: %q",
		r.Method, r.Header.Get("Origin"), f.status, f.reason.Error())
	c.handshake.refuse(w, r, f, ctx.Written)
}

// serve runs the handler, which is everything behind the middleware, between the start of the bridge and its end. The panic of a handler
// passes through here on its way to Martini's Recovery, with its stack.
func serve[M any](ctx martini.Context, b *bridge[M]) {
	for _, channel := range b.injected {
		ctx.Map(channel)
	}
	ctx.Map((chan<- *websocket.PreparedMessage)(b.prepared))
	ctx.Map((<-chan bool)(b.done))
	ctx.Map((chan<- int)(b.disconnect))
	ctx.Map((<-chan error)(b.errors))
	ctx.Map(b.connection)
	ctx.MapTo(b.connection.ctx, (*context.Context)(nil))
	panicked := true
	b.start()
	defer func() { b.stop(panicked) }()
	ctx.Next()
	panicked = false
}

// dropResponse makes sure that what is written after the upgrade goes nowhere: what a handler returns, what Recovery says of a panic. On
// a hijacked connection net/http would log each attempt.
func dropResponse(ctx martini.Context, w http.ResponseWriter) {
	dropped := droppedResponse{http.Header{}}
	if !dropBelow(w, martiniPath, dropped) {
		ctx.MapTo(dropped, (*http.ResponseWriter)(nil))
	}
}

const martiniPath = "github.com/go-martini/martini"
