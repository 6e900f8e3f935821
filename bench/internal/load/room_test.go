package load

import (
	"errors"
	"math"
	"testing"
	"time"
)

var room = Room{Path: "/", Size: 40, Healthy: 5, Pace: time.Millisecond, Burst: 4, Window: window}

func TestRoom(t *testing.T) {
	f, err := room.Run(t.Context(), newFake(t, true, nil))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{RoomP50, RoomP99, RoomCPU, RoomRate} {
		if f[i].Name != name || !(f[i].Value > 0) {
			t.Errorf("figure %d = %v, want some %s", i, f[i], name)
		}
	}
	if f[1].Value < f[0].Value {
		t.Errorf("%s = %v, below %s = %v", RoomP99, f[1].Value, RoomP50, f[0].Value)
	}
}

func TestRoomThatFreezesIsAFigure(t *testing.T) {
	t.Parallel()
	f, err := room.Run(t.Context(), newFake(t, true, frozen))
	if err != nil || !math.IsNaN(f[0].Value) || f[len(f)-1] != (Figure{RoomFrozen, 20}) {
		t.Errorf("Run = %v, %v, want no latency, and 20 deliveries until frozen", f, err)
	}
}

func TestRoomNoticesWrongDeliveries(t *testing.T) {
	for name, faulty := range map[string]fault{"doubled": doubled, "altered": altered} {
		t.Run(name, func(t *testing.T) {
			f, err := room.Run(t.Context(), newFake(t, true, faulty))
			if !errors.Is(err, ErrWrong) {
				t.Errorf("Run = %v, %v, want %v", f, err, ErrWrong)
			}
		})
	}
}
