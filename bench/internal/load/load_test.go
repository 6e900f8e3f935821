package load

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

var (
	hello = []byte("hello")
	room  = Room("/", 5, 0, 5*time.Millisecond)
)

// patient is a window for what must succeed, or fail at once, on any machine.
var patient = Window{5 * time.Millisecond, 50 * time.Millisecond, 20 * time.Second}

// run runs a load against a fake that broadcasts or echoes. It waits only a second for
// what is lost.
func run(t *testing.T, l Load, toAll bool, faulty string) ([]Figure, error) {
	w := patient
	if strings.Contains(faulty, "lost") || faulty == "frozen" {
		w.Patience = time.Second
	}
	return l.Run(t.Context(), newFake(t, toAll, faulty), w)
}

// Each load measures what it should from a sound server, and notices a faulty one. A lost
// answer fails connect and busy as well, but only when the connection's life is over.
func TestLoads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		load    Load
		toAll   bool
		figures []string
		faults  map[string]error // nil is for any
	}{
		{"echo", Echo("/", hello, 3, 4), false, []string{"µs", "% in system calls"},
			map[string]error{"lost": ErrWrong, "1 lost": ErrWrong, "doubled": ErrWrong,
				"altered": ErrWrong}},
		{"connect", Connect("/", hello, 3), false, []string{"µs", "allocations"},
			map[string]error{"doubled": ErrWrong, "altered": ErrWrong}},
		{"idle", Idle("/", hello, 20, 0), false, []string{"KB"},
			map[string]error{"altered": ErrWrong}},
		{"busy", Idle("/", hello, 20, 3), false, []string{"µs", "KB"},
			map[string]error{"doubled": ErrWrong, "altered": ErrWrong}},
		{"fan", FanOut("/", hello, 3, 4), true, []string{"µs"},
			map[string]error{"lost": ErrFrozen, "doubled": ErrWrong, "altered": ErrWrong}},
		{"room", room, true, []string{"p50 ms", "p99 ms", "µs", "k/s"},
			map[string]error{"doubled": ErrWrong, "altered": ErrWrong, "closed": nil}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			figures, err := run(t, tt.load, tt.toAll, "")
			if err != nil || len(figures) != len(tt.figures) {
				t.Fatalf("Run = %v, %v, want %q", figures, err, tt.figures)
			}
			for i, name := range tt.figures {
				if f := figures[i]; f.Name != name || math.IsNaN(f.Value) || f.Value < 0 {
					t.Errorf("figure %d = %v, want some %s", i, f, name)
				}
			}
		})
		for faulty, want := range tt.faults {
			t.Run(tt.name+" "+faulty, func(t *testing.T) {
				t.Parallel()
				f, err := run(t, tt.load, tt.toAll, faulty)
				if err == nil || want != nil && !errors.Is(err, want) {
					t.Errorf("Run = %v, %v, want %v", f, err, want)
				}
			})
		}
	}
}

// The fake claims a microsecond for each message and a KiB for each connection.
func TestFiguresAreThoseOfTheServer(t *testing.T) {
	f, err := run(t, Echo("/", hello, 3, 4), false, "")
	if err != nil || math.Abs(f[0].Value-1) > .5 {
		t.Errorf("Run = %v, %v, want about one microsecond", f, err)
	}
	if f, err = run(t, Idle("/", hello, 20, 0), false, ""); err != nil || f[0].Value != 1 {
		t.Errorf("Run = %v, %v, want 1 KB", f, err)
	}
}

func TestRoomThatFreezesIsAFigure(t *testing.T) {
	t.Parallel()
	f, err := run(t, room, true, "frozen")
	if err != nil || !math.IsNaN(f[0].Value) || f[4].Value != 20 {
		t.Errorf("Run = %v, %v, want no latency, and 20 deliveries until frozen", f, err)
	}
}

func TestRefusedHandshakeFails(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	s := serve.Server{Address: refusing.Listener.Addr().String()}
	if got, err := Idle("/", hello, 3, 0).Run(t.Context(), s, patient); err == nil {
		t.Errorf("Run = %v, want an error", got)
	}
}
