package load

import "testing"

var idle = Idle{Path: "/", Payload: []byte("hello"), Conns: 20, Window: window}

// The fake claims a KiB for each connection it ever had.
func TestIdle(t *testing.T) {
	f, err := idle.Run(t.Context(), newFake(t, false, nil))
	if err != nil || f[0] != (Figure{IdleMemory, 1}) {
		t.Errorf("Run = %v, %v, want 1 KB", f, err)
	}
}

func TestIdleNoticesAServerThatDoesNotTell(t *testing.T) {
	f := newFake(t, false, nil)
	f.silent = true
	if got, err := idle.Run(t.Context(), f); err == nil {
		t.Errorf("Run = %v, want an error", got)
	}
}
