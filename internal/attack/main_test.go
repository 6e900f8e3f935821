package attack

import (
	"os"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
)

// TestMain runs the tests through both doors, so that each clause of the contract that
// one of them proves holds for Martini and for other routers.
func TestMain(m *testing.M) { os.Exit(apptest.BothDoors(m)) }
