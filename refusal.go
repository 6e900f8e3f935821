package sockets

import (
	"errors"
	"net/http"
)

// refusal is why a request does not become a connection.
type refusal struct {
	status int
	reason error
}

var (
	errMethod   = errors.New("websocket: the method is not GET")
	errOrigin   = errors.New("websocket: the origin is not allowed")
	errNoOrigin = errors.New("websocket: the request has no Origin, which only " +
		"browsers send by themselves")
	errPlain = errors.New("websocket: the request is no websocket handshake; open " +
		"this address with a websocket client")
	errProtocol = errors.New("websocket: the request is not HTTP/1.1") // RFC 6455, 4.1
	errBody     = errors.New("websocket: the request announces a body")
	errShutdown = errors.New("websocket: the server is shutting down")
	errFull     = errors.New("websocket: the server has as many connections as it takes")
	errKey      = errors.New("websocket: you have as many connections as the server takes")
)

// whyForbidden tells the client what may be wrong with its origin.
func whyForbidden(r *http.Request) error {
	if len(r.Header["Origin"]) == 0 {
		return errNoOrigin
	}
	return errOrigin
}

// level returns the level at which the refusal is logged (contract 6).
func (f *refusal) level() level {
	if f.status == http.StatusInternalServerError {
		return LogLevelError
	}
	return LogLevelWarning
}

// refuse writes the response to a request that was refused. The program's own
// Error function writes it, if it has one. If that writes nothing, refuse
// writes a short text.
func (h *handshake) refuse(w http.ResponseWriter, r *http.Request, f *refusal) {
	switch f.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodGet)
	case http.StatusBadRequest:
		w.Header().Set("Sec-WebSocket-Version", "13")
	}
	if f.reason == errBody {
		// Otherwise net/http waits for the body before it sends the response.
		w.Header().Set("Connection", "close")
	}
	if h.fail == nil {
		http.Error(w, f.reason.Error(), f.status)
		return
	}
	noted := &notedResponse{ResponseWriter: w}
	h.fail(noted, r, f.status, f.reason)
	if !noted.written {
		http.Error(w, f.reason.Error(), f.status)
	}
}

// notedResponse records whether anything was written.
type notedResponse struct {
	http.ResponseWriter
	written bool
}

func (w *notedResponse) WriteHeader(status int) {
	w.written = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *notedResponse) Write(p []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *notedResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }
