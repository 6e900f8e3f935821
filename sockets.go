package sockets

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/go-martini/martini"
)

// JSON returns a Martini handler that binds a websocket to channels of *T. T is
// the type of v, or the type v points to: JSON(Message{}) and JSON(&Message{})
// both inject a <-chan *Message and a chan<- *Message. Each message is one JSON
// value in a text frame. It goes out without HTML escapes. An UnmarshalJSON must
// copy what it keeps of its argument, as json.Unmarshaler demands: other messages
// use that memory again.
//
// JSON panics if v is nil, if encoding/json can never fill a part of T (a channel, a
// func, an interface with methods, an embedded pointer to a struct that is not
// exported) or finds no exported field, if the options contain a mistake, or if more
// than one Options is given.
func JSON(v any, options ...*Options) martini.Handler {
	return bind(newJSONKind(v), compile(options))
}

// Messages returns a Martini handler that binds a websocket to channels of
// strings. A string goes out in a text frame. A received string may come from a
// text or a binary frame, and is always valid UTF-8. Call it: Martini takes the function
// itself for a handler, and panics because nobody mapped a []*sockets.Options.
//
// Messages panics if the options contain a mistake, or if more than one Options
// is given.
func Messages(options ...*Options) martini.Handler {
	return bind(textKind{}, compile(options))
}

// ByteSliceMessages returns a Martini handler that binds a websocket to channels of
// []byte. A slice goes out in a binary frame; do not change it after you send it. A
// received slice belongs to the handler. An empty message is an empty slice, not nil.
//
// ByteSliceMessages panics if the options contain a mistake, or if more than
// one Options is given.
func ByteSliceMessages(options ...*Options) martini.Handler {
	return bind(bytesKind{}, compile(options))
}

// bind returns the middleware: serve with the rest of Martini's chain as the handler.
func bind[M any](k kind[M], c *config) martini.Handler {
	return func(ctx martini.Context, w http.ResponseWriter, r *http.Request) {
		if !serve(w, r, k, c, func(b *bridge[M]) { next(ctx, b) }) {
			endChain(ctx)
		}
	}
}

// next maps the channels and runs the rest of the chain, which is the handler.
func next[M any](ctx martini.Context, b *bridge[M]) {
	dropResponse(ctx)
	for _, channel := range b.injected {
		ctx.Map(channel)
	}
	ctx.Map((chan<- *Prepared)(b.prepared))
	ctx.Map((<-chan bool)(b.closer.done))
	ctx.Map((chan<- int)(b.disconnect))
	ctx.Map((<-chan error)(b.closer.errors))
	ctx.Map(b.connection)
	ctx.MapTo(b.connection.ctx, (*context.Context)(nil))
	b.hint = func(panicked string) string { return hint(panicked, b.injected) }
	if isLast(ctx) {
		b.log(LogLevelError, "no handler follows the middleware",
			"no handler follows the middleware of %q, so the connection ends at once: "+
				"give the middleware first, then the handler",
			slog.String("path", cut(b.source.path, 200)))
	}
	ctx.Next()
}

// hint explains the most common beginner's mistake: a handler asks for a channel
// type that nobody mapped. Martini then panics with the injector's error.
func hint(panicked string, injected [2]any) string {
	if !strings.HasPrefix(panicked, "Value not found for type") {
		return ""
	}
	return fmt.Sprintf("; this middleware gives %T, %T, chan<- *sockets.Prepared, "+
		"<-chan bool, chan<- int, <-chan error, context.Context and *sockets.Connection",
		injected[0], injected[1])
}
