package sockets

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/gorilla/websocket"
)

// Contract 3.6, 4.1: which of two reasons to end counts, if the second came later or at
// the same time.
func TestChoose(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	endings := map[string]*ending{
		"return":    returnEnding(),
		"closed":    closedEnding(),
		"context":   contextEnding(ctx),
		"group":     groupEnding(),
		"panic":     panicEnding(errors.New("panic")),
		"code":      codeEnding(4000, ""),
		"Close":     codeEnding(4001, ""),
		"client":    clientEnding(&websocket.CloseError{Code: 1000}),
		"violation": violationEnding(1002, "", io.EOF),
		"method":    programEnding("receiving", io.EOF),
		"network":   networkEnding(io.EOF),
		"silent":    silentEnding(1),
		"unsent":    unsentEnding(io.EOF),
	}
	// Each row lists the endings that the first one yields to.
	yields := map[string][]string{
		"return": {"context", "group", "panic", "code", "Close", "client", "violation",
			"method", "network", "silent", "unsent"},
		"closed": {"context", "group", "panic", "code", "Close", "client", "violation",
			"method", "network", "silent", "unsent"},
		"context": {"panic", "code", "Close", "client", "violation", "method", "unsent"},
		"group":   {"panic", "code", "Close", "client", "violation", "method", "unsent"},
		"panic": {"code", "Close", "client", "violation", "method", "network", "silent",
			"unsent"},
		"code":    {"client", "violation", "method", "network", "silent", "unsent"},
		"Close":   {"client", "violation", "method", "network", "silent", "unsent"},
		"network": {"client"}, "silent": {"client"},
		"client": {}, "violation": {}, "method": {}, "unsent": {},
	}
	for first := range endings {
		yield := map[string]bool{}
		for _, then := range yields[first] {
			yield[then] = true
		}
		for then := range endings {
			want := first
			if yield[then] {
				want = then
			}
			if got := choose(endings[first], endings[then]); got != endings[want] {
				t.Errorf("choose(%s, %s) = %v, want %s", first, then, got, want)
			}
		}
	}
}
