package attack

import (
	"flag"
	"os"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
)

// TestMain runs the tests through both doors, so that each clause of the contract that
// one of them proves holds for Martini and for other routers.
// More tests run at a time than there are processors, because most of them only wait.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "100")
	os.Exit(apptest.BothDoors(m))
}
