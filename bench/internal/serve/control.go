package serve

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// The paths of the control address, the same in every server.
const (
	UsagePath   = "/usage"               // a Usage
	CollectPath = "/gc"                  // the same, after all garbage is gone
	ProfilePath = "/debug/pprof/profile" // where Options.Profile says so
)

// Usage is what a server process has used so far.
type Usage struct {
	CPU       time.Duration // user and system
	Resident  int64         // bytes
	Allocs    int64         // objects allocated since the start
	Allocated int64         // bytes allocated since the start
	Joined    int64         // clients that the next broadcast reaches
}

func newControl(joined *atomic.Int64, profile bool) http.Handler {
	mux := http.NewServeMux()
	report := func(w http.ResponseWriter) {
		u, err := usage()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		u.Joined = joined.Load()
		_ = json.NewEncoder(w).Encode(u)
	}
	mux.HandleFunc(UsagePath, func(w http.ResponseWriter, _ *http.Request) { report(w) })
	mux.HandleFunc(CollectPath, func(w http.ResponseWriter, _ *http.Request) {
		collect()
		report(w)
	})
	if profile {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc(ProfilePath, pprof.Profile)
	}
	return mux
}

// collect runs several times: a pool is empty after two collections, and each halves the
// stacks that have become too big.
func collect() {
	for range 4 {
		runtime.GC()
	}
	debug.FreeOSMemory()
}

// usage is what this process has used so far. Reading the allocations stops the world for
// some microseconds.
func usage() (Usage, error) {
	cpu, err := CPUTime()
	if err != nil {
		return Usage{}, err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u := Usage{CPU: cpu, Allocs: int64(m.Mallocs), Allocated: int64(m.TotalAlloc)}
	// Only Linux has this file, and only the scenarios for memory need it.
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		u.Resident = resident(string(status))
	}
	return u, nil
}

// resident finds the VmRSS line of a /proc/<pid>/status and returns it in bytes, 0 if
// there is none.
func resident(status string) int64 {
	_, rest, _ := strings.Cut(status, "VmRSS:")
	if f := strings.Fields(rest); len(f) > 1 && f[1] == "kB" {
		kb, _ := strconv.ParseInt(f[0], 10, 64)
		return kb << 10
	}
	return 0
}
