package sockets

import (
	"log/slog"
	"time"

	"github.com/gorilla/websocket"
)

// finish writes what the handler had sent before the end, and then the close frame.
func (w *writer[M]) finish() {
	e := w.end
	if e.gone() {
		return
	}
	w.rest()
	if w.err != nil {
		failed := w.writeEnding()
		if failed.gone() {
			return
		}
		w.unsent, w.err = failed, nil
		if e = choose(e, failed); e.by != byProgram {
			w.log(LogLevelError, "message not sent", "not sent: %q",
				slog.String("reason", cut(failed.err.Error(), 500)))
		}
	}
	w.putControl()
	if e.hasFrame() {
		w.putFrame(websocket.CloseMessage, e.payload())
	}
	w.flush()
	w.flushed = w.err == nil
}

// rest writes what is in the channels now. It does not wait for more, because
// that could go on for ever.
func (w *writer[M]) rest() {
	for range len(w.sender) {
		m, ok := <-w.sender
		w.put(m, ok)
	}
	for range len(w.prepared) {
		p, ok := <-w.prepared
		w.putPrepared(p, ok)
	}
	w.flush()
}

// A handler that sends without looking at done must not keep a processor busy: the first
// dropAtOnce values are dropped at once, and the others one each dropPause.
const (
	dropAtOnce = 256
	dropPause  = time.Millisecond
)

// drop takes and drops what is sent, so that no send blocks, until the given event.
func (w *writer[M]) drop(until <-chan struct{}) {
	var pause *time.Ticker
	for n := 0; ; n++ {
		var ok bool
		select {
		case _, ok = <-w.sender:
			if !ok {
				w.sender = nil
			}
		case _, ok = <-w.prepared:
			if !ok {
				w.prepared = nil
			}
		case _, ok = <-w.disconnect:
			if !ok {
				w.disconnect = nil
			}
		case <-until:
			return
		}
		if n < dropAtOnce {
			continue
		}
		if pause == nil {
			pause = time.NewTicker(dropPause)
			defer pause.Stop()
		}
		select {
		case <-pause.C:
		case <-until:
			return
		}
	}
}
