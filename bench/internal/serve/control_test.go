package serve

import (
	"encoding/json"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

func TestResident(t *testing.T) {
	for _, tt := range []struct {
		status string
		want   int64
	}{
		{"VmHWM:\t 9 kB\nVmRSS:\t    1708 kB\nRssAnon:\t 112 kB\n", 1708 << 10},
		{"VmRSS:\t1708 MB\n", 0},
		{"VmRSS:", 0},
		{"", 0},
	} {
		if got := resident(tt.status); got != tt.want {
			t.Errorf("resident(%q) = %d, want %d", tt.status, got, tt.want)
		}
	}
}

func TestControl(t *testing.T) {
	joined := new(atomic.Int64)
	joined.Store(7)
	for path, want := range map[string]int{UsagePath: 200, CollectPath: 200, ProfilePath: 404} {
		w := httptest.NewRecorder()
		newControl(joined, false).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("GET %s = %d, want %d", path, w.Code, want)
		}
		var u Usage
		if w.Code != 200 {
			continue
		}
		if err := json.Unmarshal(w.Body.Bytes(), &u); err != nil || u.Joined != 7 || u.CPU <= 0 {
			t.Errorf("GET %s = %s, want 7 joined and some CPU time", path, w.Body)
		}
	}
}
