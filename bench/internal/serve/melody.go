package serve

import (
	"encoding/json"
	"net/http"
	"sync/atomic"

	"github.com/olahol/melody"
)

// newMelody makes one melody for each path, with its default configuration.
func newMelody(joined *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, melodyFunc(melody.New(), joined, func(_ *melody.Melody, s *melody.Session, p []byte) {
		_ = s.Write(p)
	}))
	mux.HandleFunc(Fan, melodyFunc(melody.New(), joined, func(m *melody.Melody, _ *melody.Session, p []byte) {
		_ = m.Broadcast(p)
	}))
	mux.HandleFunc(FanJSON, melodyFunc(melody.New(), joined, func(m *melody.Melody, s *melody.Session, p []byte) {
		msg := new(Message)
		if err := json.Unmarshal(p, msg); err != nil {
			_ = s.Close()
			return
		}
		if p, err := json.Marshal(msg); err == nil { // once, however many sessions
			_ = m.Broadcast(p)
		}
	}))
	return mux
}

func melodyFunc(m *melody.Melody, joined *atomic.Int64, got func(*melody.Melody, *melody.Session, []byte)) http.HandlerFunc {
	m.HandleConnect(func(*melody.Session) { joined.Add(1) })
	m.HandleDisconnect(func(*melody.Session) { joined.Add(-1) })
	m.HandleMessage(func(s *melody.Session, p []byte) { got(m, s, p) })
	return func(w http.ResponseWriter, r *http.Request) { _ = m.HandleRequest(w, r) }
}
