package load

import (
	"errors"
	"testing"
)

var fan = FanOut{Path: "/", Payload: []byte("hello"), Members: 3, Burst: 4, Window: window}

func TestFanOut(t *testing.T) {
	f, err := fan.Run(t.Context(), newFake(t, true, nil))
	if err != nil || f[0].Name != FanCPU || f[0].Value <= 0 {
		t.Errorf("Run = %v, %v, want the CPU time of a delivery", f, err)
	}
}

func TestFanOutNoticesWrongDeliveries(t *testing.T) {
	for name, tt := range map[string]struct {
		faulty fault
		want   error
	}{"lost": {lost, ErrFrozen}, "doubled": {doubled, ErrWrong}, "altered": {altered, ErrWrong}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := fan.Run(t.Context(), newFake(t, true, tt.faulty))
			if !errors.Is(err, tt.want) {
				t.Errorf("Run = %v, %v, want %v", f, err, tt.want)
			}
		})
	}
}
