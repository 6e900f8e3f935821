package sockets

import (
	"fmt"
	"log/slog"
	"net/http"
)

// serve makes a request a connection and runs its handler. It blocks until the handler
// has returned and the three goroutines have exited. If the request is refused, serve
// answers it and returns false.
//
// Both doors of the package come here: bind, for Martini, and handle, for any router.
func serve[M any](
	w http.ResponseWriter, r *http.Request, k kind[M], c *config,
	handler func(*bridge[M]),
) (served bool) {
	if f := c.handshake.check(r); f != nil {
		return c.refuse(w, r, f)
	}
	member, f := c.group.join(r)
	if f != nil {
		return c.refuse(w, r, f)
	}
	defer c.group.leave(member)
	up, f := c.handshake.upgrade(w, r, c)
	if f != nil {
		return c.refuse(w, r, f)
	}
	dropBody(r)
	newBridge(r.Context(), k, c, up, member).run(handler)
	return true
}

// refuse counts, logs and answers a request that does not become a connection. It returns
// false.
func (c *config) refuse(w http.ResponseWriter, r *http.Request, f *refusal) bool {
	c.group.refused(f)
	c.log.print(f.level(), newSource(r), "request refused",
		"refused %q with %d: %q; origin %q, host %q, allowed %q",
		slog.String("method", cut(r.Method, 40)), slog.Int("status", f.status),
		slog.String("reason", cut(f.reason.Error(), 200)),
		slog.String("origin", cut(r.Header.Get("Origin"), 300)),
		slog.String("host", cut(r.Host, 300)), slog.String("allowed", c.handshake.pattern))
	c.handshake.refuse(w, r, f)
	return false
}

// run runs the handler between start and stop. The deferred function passes a panic on,
// so that the stack still shows where it began.
func (b *bridge[M]) run(handler func(*bridge[M])) {
	returned := false
	b.start()
	defer func() {
		if returned {
			b.stop(nil)
			return
		}
		v := recover()
		text := textOf(v)
		if b.hint != nil {
			text += b.hint(text)
		}
		b.stop(fmt.Errorf("the handler panicked: %s", text))
		if v != nil { // v is nil after runtime.Goexit
			panic(v)
		}
	}()
	handler(b)
	returned = true
}
