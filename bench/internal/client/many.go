package client

import (
	"context"
	"sync"
)

// Group is a set of connections that are opened and closed together.
type Group []*Conn

// DialMany opens n connections, a few at a time so that no listen queue overflows. On an
// error none stays open.
func DialMany(ctx context.Context, addr, path string, n int, o Options) (Group, error) {
	const atOnce = 16
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	g := make(Group, n)
	var wg sync.WaitGroup
	for first := range min(atOnce, n) {
		wg.Go(func() {
			for i := first; i < n && ctx.Err() == nil; i += atOnce {
				c, err := Dial(ctx, addr, path, o)
				if err != nil {
					cancel(err)
					return
				}
				g[i] = c
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// Close resets every connection.
func (g Group) Close() {
	for _, c := range g {
		if c != nil {
			c.TCPConn.Close()
		}
	}
}
