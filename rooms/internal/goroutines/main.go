package goroutines

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
)

// Main is TestMain of a package whose tests run rooms on servers of their own. Since they
// mostly wait, six of them run at a time, unless a flag says otherwise. After the last
// one, no goroutine of the library may be left.
func Main(m *testing.M) {
	flag.Parse()
	limit := flag.Lookup("test.parallel").Value
	if limit.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		limit.Set("6")
	}
	code := m.Run()
	if left := remain(time.Minute); code == 0 && len(left) > 0 {
		fmt.Printf("FAIL: %d goroutines are left:\n%s\n", len(left), stacks.Join(left))
		code = 1
	}
	os.Exit(code)
}

// remain waits until no goroutine is left, or for that time.
func remain(patience time.Duration) (left []stacks.Goroutine) {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left = of(library)
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
	}
}
