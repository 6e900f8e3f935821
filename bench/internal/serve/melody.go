package serve

import (
	"encoding/json"
	"net/http"
	"sync/atomic"

	"github.com/olahol/melody"
)

// newMelody makes one melody for each path, with its default configuration, except that
// it takes messages of more than 512 bytes.
func newMelody(joined *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	handle := func(path string, got func(*melody.Melody, *melody.Session, []byte)) {
		m := melody.New()
		m.Config.MaxMessageSize = MaxMessage
		m.HandleConnect(func(*melody.Session) { joined.Add(1) })
		m.HandleDisconnect(func(*melody.Session) { joined.Add(-1) })
		m.HandleMessage(func(s *melody.Session, p []byte) { got(m, s, p) })
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			_ = m.HandleRequest(w, r)
		})
	}
	handle(Echo, func(_ *melody.Melody, s *melody.Session, p []byte) { _ = s.Write(p) })
	handle(Fan, func(m *melody.Melody, _ *melody.Session, p []byte) { _ = m.Broadcast(p) })
	// It encodes once, however many sessions there are.
	handle(FanJSON, func(m *melody.Melody, s *melody.Session, p []byte) {
		msg := new(Message)
		if err := json.Unmarshal(p, msg); err != nil {
			_ = s.Close()
			return
		}
		if p, err := json.Marshal(msg); err == nil {
			_ = m.Broadcast(p)
		}
	})
	return mux
}
