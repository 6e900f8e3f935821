package load

import (
	"errors"
	"math"
	"testing"
)

var echo = Echo{Path: "/", Payload: []byte("hello"), Conns: 3, InFlight: 4, Window: window}

func TestEcho(t *testing.T) {
	f, err := echo.Run(t.Context(), newFake(t, false, nil))
	if err != nil || f[0].Name != EchoCPU || math.Abs(f[0].Value-1) > .5 {
		t.Errorf("Run = %v, %v, want about one microsecond, which is what the fake claims", f, err)
	}
}

func TestEchoNoticesWrongAnswers(t *testing.T) {
	for name, faulty := range map[string]fault{
		"lost": lost, "doubled": doubled, "altered": altered,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := echo.Run(t.Context(), newFake(t, false, faulty))
			if !errors.Is(err, ErrWrong) {
				t.Errorf("Run = %v, %v, want %v", f, err, ErrWrong)
			}
		})
	}
}

func TestEchoCompressed(t *testing.T) {
	compressed := echo
	compressed.Deflate = true
	if f, err := compressed.Run(t.Context(), newFake(t, false, nil)); err != nil {
		t.Errorf("Run = %v, %v, want no error", f, err)
	}
	f, err := compressed.Run(t.Context(), newFake(t, false, altered))
	if !errors.Is(err, ErrWrong) {
		t.Errorf("Run = %v, %v, want %v", f, err, ErrWrong)
	}
}
