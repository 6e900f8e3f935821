package natstest

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// Main is TestMain of tests that mostly wait: unless a flag says otherwise, more run at
// the same time than there are processors.
func Main(m *testing.M) {
	flag.Parse()
	limit := flag.Lookup("test.parallel").Value
	if limit.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		limit.Set("6")
	}
	os.Exit(m.Run())
}
