package load

import (
	"errors"
	"testing"
)

var many = Many{Path: "/", Payload: []byte("hello"), Conns: 20, AtOnce: 3, Window: window}

func TestMany(t *testing.T) {
	f, err := many.Run(t.Context(), newFake(t, false, nil))
	if err != nil || f[0].Name != ManyCPU || !(f[0].Value > 0) || f[1] != (Figure{ManyMemory, 1}) {
		t.Errorf("Run = %v, %v, want the CPU time of a message, and 1 KB", f, err)
	}
}

// A lost answer is noticed as well, but only when the connection's life is over.
func TestManyNoticesWrongAnswers(t *testing.T) {
	for name, faulty := range map[string]fault{"doubled": doubled, "altered": altered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := many.Run(t.Context(), newFake(t, false, faulty))
			if !errors.Is(err, ErrWrong) {
				t.Errorf("Run = %v, %v, want %v", f, err, ErrWrong)
			}
		})
	}
}
