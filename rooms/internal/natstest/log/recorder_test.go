package log_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

// text is what is said in a history: the id is in it.
type text struct{ ID, At string }

// recorder notes all that the stream takes. It is connected to the server without a
// network, and nobody can reach the server while it is not.
type recorder struct {
	t    *testing.T
	life int // of the stream; only the history's goroutine uses it
	nc   *nats.Conn

	mu      sync.Mutex // protects what follows
	last    uint64     // sequence, in this life
	current int        // the life that is recorded
	all     []recorded
}

// recorded is an entry of the stream.
type recorded struct {
	life     int
	room, at string
	seq      uint64
	id       string // "" if it came too late
}

func newRecorder(t *testing.T) *recorder { return &recorder{t: t} }

// attach follows a server that was started, and reads what it did not hear before that.
func (r *recorder) attach(s *natstest.Server) {
	r.mu.Lock()
	if r.current != r.life {
		r.current, r.last = r.life, 0
	}
	r.mu.Unlock()
	if r.nc != nil {
		r.nc.Close()
	}
	r.nc = s.Connect(r.t, s.InProcess())
	r.read()
	if _, err := r.nc.Subscribe("rooms.live.*", r.hear); err != nil {
		r.t.Fatalf("Subscribe = %v, want no error", err)
	}
	if err := r.nc.Flush(); err != nil {
		r.t.Fatalf("Flush = %v, want no error", err)
	}
}

// stream returns the stream and what it is like, if there is one.
func (r *recorder) stream() (stream jetstream.Stream, last uint64, err error) {
	js, err := jetstream.New(r.nc)
	if err != nil {
		return nil, 0, err
	}
	if stream, err = js.Stream(r.t.Context(), "ROOMS"); err != nil {
		return nil, 0, err
	}
	return stream, stream.CachedInfo().State.LastSeq, nil
}

// read notes what is in the stream.
func (r *recorder) read() {
	stream, last, err := r.stream()
	if err != nil {
		return // there is none
	}
	for seq := r.heard() + 1; seq <= last; seq++ {
		if msg, err := stream.GetMsg(r.t.Context(), seq); err == nil {
			r.note(seq, msg.Subject, msg.Header, msg.Time, msg.Data)
		}
	}
}

func (r *recorder) heard() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// hear is called for what the stream republishes.
func (r *recorder) hear(msg *nats.Msg) {
	seq, _ := strconv.ParseUint(msg.Header.Get(jetstream.SequenceHeader), 10, 64)
	at, _ := time.Parse(time.RFC3339Nano, msg.Header.Get(jetstream.TimeStampHeaer))
	r.note(seq, msg.Subject, msg.Header, at, msg.Data)
}

func (r *recorder) note(seq uint64, subject string, h nats.Header, at time.Time, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq <= r.last {
		return
	}
	r.last = seq
	tag, _ := strconv.ParseUint(h.Get("Rooms-Tag"), 36, 64)
	until, _ := strconv.ParseInt(h.Get("Rooms-Until"), 10, 64)
	if h.Get("Rooms-Until") == "0" { // a mark: it makes a place if the room is empty
		if h.Get("Rooms-Prev") != "0-0" {
			return
		}
		seq = 0
	}
	name, _ := base64.RawURLEncoding.DecodeString(subject[strings.LastIndex(subject, ".")+2:])
	e := recorded{life: r.current, room: string(name), seq: seq,
		at: rooms.Place{Seq: seq, Tag: tag}.String()}
	if at.UnixNano() <= until {
		var said text
		if err := json.Unmarshal(data[bytes.LastIndexByte(data, '{'):], &said); err != nil {
			r.t.Errorf("the stream has %q, want a message", data)
		}
		e.id = said.ID
	}
	r.all = append(r.all, e)
}

// catchUp waits until all is noted that the stream has.
func (r *recorder) catchUp() {
	natstest.Eventually(r.t, "the recorder has all", func() bool {
		_, last, err := r.stream()
		return errors.Is(err, jetstream.ErrStreamNotFound) || err == nil && last == r.heard()
	})
}

// room returns the entries of a room, by life.
func (r *recorder) room(name string) map[int][]recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	lives := make(map[int][]recorded)
	for _, e := range r.all {
		if e.room == name {
			lives[e.life] = append(lives[e.life], e)
		}
	}
	return lives
}
