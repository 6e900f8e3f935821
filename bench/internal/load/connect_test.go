package load

import (
	"errors"
	"testing"
)

var connect = Connect{Path: "/", Payload: []byte("hello"), AtOnce: 3, Window: window}

func TestConnect(t *testing.T) {
	f, err := connect.Run(t.Context(), newFake(t, false, nil))
	if err != nil || len(f) != 3 || f[0].Name != ConnectCPU || !(f[0].Value > 0) {
		t.Errorf("Run = %v, %v, want the CPU time of a connection, and its allocations", f, err)
	}
}

func TestConnectNoticesWrongAnswers(t *testing.T) {
	for name, faulty := range map[string]fault{"doubled": doubled, "altered": altered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := connect.Run(t.Context(), newFake(t, false, faulty))
			if !errors.Is(err, ErrWrong) {
				t.Errorf("Run = %v, %v, want %v", f, err, ErrWrong)
			}
		})
	}
}
