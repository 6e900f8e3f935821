// Package e2e tests whole connections of package sockets: programs and hostile
// clients, slow and broken networks, what happens around the end of a connection,
// and life inside Martini. Tests of one file of the package are beside that file.
package e2e

import (
	"os"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
)

// TestMain runs the tests through both doors, so that each clause of the contract that
// one of them proves holds for Martini and for other routers.
func TestMain(m *testing.M) { os.Exit(apptest.BothDoors(m)) }
