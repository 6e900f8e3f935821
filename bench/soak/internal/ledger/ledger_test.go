package ledger

import "testing"

func TestLedger(t *testing.T) {
	var l Ledger
	l.Life("good")
	l.Life("bad")
	l.Life("good")
	l.Messages(5)
	l.Evicted()
	l.Late()
	for i := range most + 2 {
		l.Fault("fault %d", i)
	}
	if got, want := l.String(), "3 clients, 5 messages, 1 evicted, 1 late, 22 faults"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
	if got, want := l.Kinds(), "bad 1, good 2"; got != want {
		t.Errorf("Kinds = %q, want %q", got, want)
	}
	first, all := l.Faults()
	if len(first) != most || first[1] != "fault 1" || all != most+2 {
		t.Errorf("Faults = %q, %d, want the first %d, and %d", first, all, most, most+2)
	}
}
