package load

import "testing"

func TestMembers(t *testing.T) {
	for _, m := range []Members{
		{Rooms: 1, Each: 50, Window: window},
		{Rooms: 50, Each: 2, Window: window},
	} {
		f, err := m.Run(t.Context(), nil)
		if err != nil || len(f) != 4 || f[0].Name != MembersCPU || !(f[0].Value > 0) {
			t.Errorf("Run of %d rooms = %v, %v, want the CPU time of a member", m.Rooms, f, err)
		}
	}
}

func TestEmptyNoticesALostMessage(t *testing.T) {
	c := make(chan string, buffer)
	c <- "one"
	if err := empty(c); err == nil {
		t.Error("empty of a channel with one message = nil, want an error")
	}
}
