package limit

import "testing"

func TestFilesNeverLowersTheLimit(t *testing.T) {
	before := Files(0)
	if got := Files(before + 1); got < before {
		t.Errorf("Files(%d) = %d, want at least the %d of before", before+1, got, before)
	}
	if got := Files(1); got < before {
		t.Errorf("Files(1) = %d, want at least the %d of before", got, before)
	}
}
