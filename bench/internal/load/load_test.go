package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

var (
	hello  = []byte("hello")
	window = Window{
		Warm: 5 * time.Millisecond, Measure: 50 * time.Millisecond, Patience: time.Second}
	room = Room("/", 5, 0, 5*time.Millisecond)
)

// Each load measures what it should from a sound server, and notices a faulty one. A lost
// answer fails connect and many as well, but only when the connection's life is over.
func TestLoads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		load    Load
		toAll   bool
		figures []string
		faults  map[string]error
	}{
		{"echo", Echo("/", hello, 3, 4, false), false, []string{"µs"},
			map[string]error{"lost": ErrWrong, "doubled": ErrWrong, "altered": ErrWrong}},
		{"compressed", Echo("/", hello, 3, 1, true), false,
			[]string{"µs", "% in system calls"},
			map[string]error{"altered": ErrWrong}},
		{"connect", Connect("/", hello, 3), false,
			[]string{"µs", "allocations", "KB allocated"},
			map[string]error{"doubled": ErrWrong, "altered": ErrWrong}},
		{"idle", Idle("/", hello, 20), false, []string{"KB"},
			map[string]error{"altered": ErrWrong}},
		{"many", Many("/", hello, 20, 3), false, []string{"µs a message", "KB a connection"},
			map[string]error{"doubled": ErrWrong, "altered": ErrWrong}},
		{"fan", FanOut("/", hello, 3, 4), true, []string{"µs"},
			map[string]error{"lost": ErrFrozen, "doubled": ErrWrong, "altered": ErrWrong}},
		{"room", room, true, []string{"p50 ms", "p99 ms", "µs", "k/s"},
			map[string]error{"doubled": ErrWrong, "altered": ErrWrong}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			figures, err := tt.load.Run(t.Context(), newFake(t, tt.toAll, nil), window)
			if err != nil || len(figures) != len(tt.figures) {
				t.Fatalf("Run = %v, %v, want %q", figures, err, tt.figures)
			}
			for i, name := range tt.figures {
				if f := figures[i]; f.Name != name || math.IsNaN(f.Value) || f.Value < 0 {
					t.Errorf("figure %d = %v, want some %s", i, f, name)
				}
			}
		})
		for name, want := range tt.faults {
			faulty := map[string]fault{"lost": lost, "doubled": doubled, "altered": altered}[name]
			t.Run(tt.name+" "+name, func(t *testing.T) {
				t.Parallel()
				f, err := tt.load.Run(t.Context(), newFake(t, tt.toAll, faulty), window)
				if !errors.Is(err, want) {
					t.Errorf("Run = %v, %v, want %v", f, err, want)
				}
			})
		}
	}
}

// The fake claims a microsecond for each message and a KiB for each connection.
func TestFiguresAreThoseOfTheServer(t *testing.T) {
	f, err := Echo("/", hello, 3, 4, false).Run(t.Context(), newFake(t, false, nil), window)
	if err != nil || math.Abs(f[0].Value-1) > .5 {
		t.Errorf("Run = %v, %v, want about one microsecond", f, err)
	}
	f, err = Idle("/", hello, 20).Run(t.Context(), newFake(t, false, nil), window)
	if err != nil || f[0].Value != 1 {
		t.Errorf("Run = %v, %v, want 1 KB", f, err)
	}
}

func TestRoomThatFreezesIsAFigure(t *testing.T) {
	f, err := room.Run(t.Context(), newFake(t, true, frozen), window)
	if err != nil || !math.IsNaN(f[0].Value) || f[4].Value != 20 {
		t.Errorf("Run = %v, %v, want no latency, and 20 deliveries until frozen", f, err)
	}
}

func TestNextNoticesUnexpectedFrames(t *testing.T) {
	server := wstest.Text("a").Unmasked()
	for _, tt := range []struct {
		name   string
		rsv    byte
		frames []wstest.Frame
		want   string
		err    error
	}{
		{"text", 0, []wstest.Frame{server}, "a", nil},
		{"ping between", 0, []wstest.Frame{wstest.Ping("p").Unmasked(), server}, "a", nil},
		{"compressed", wstest.Rsv1,
			[]wstest.Frame{wstest.Compressed(wstest.OpText, hello).Unmasked()}, "hello", nil},
		{"masked", 0, []wstest.Frame{wstest.Text("a")}, "", ErrWrong},
		{"fragment", 0, []wstest.Frame{server.More()}, "", ErrWrong},
		{"compressed, not agreed on", 0, []wstest.Frame{server.WithRsv(wstest.Rsv1)}, "", ErrWrong},
		{"not compressed", wstest.Rsv1, []wstest.Frame{server}, "", ErrWrong},
		{"pong", 0, []wstest.Frame{wstest.Pong("").Unmasked()}, "", ErrWrong},
		{"close", 0, []wstest.Frame{wstest.Close(1000, "").Unmasked()}, "", errClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := bufio.NewReader(bytes.NewReader(wstest.Bytes(tt.frames...)))
			c := conn{in: in, rsv: tt.rsv}
			if got, err := c.next(); string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("next = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestRefusedHandshakeFails(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"forbidden": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) },
		"dropped":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{Server: httptest.NewServer(h)}
			defer f.Close()
			if got, err := Idle("/", hello, 3).Run(t.Context(), f, window); err == nil {
				t.Errorf("Run = %v, want an error", got)
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := room.Run(ended, newFake(t, true, nil), window)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run after the end of the context = %v, want %v", err, context.Canceled)
	}
}
