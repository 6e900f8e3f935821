package serve

import (
	"io"
	"log"
	"net/http"
	"sync/atomic"

	"github.com/go-martini/martini"
)

// newClassic is the raw loop inside martini.Classic: what Martini costs, without this
// library.
func newClassic(*atomic.Int64) http.Handler {
	m := classic()
	m.Get(Echo, gorillaEcho)
	m.Get(JSON, gorillaJSON)
	return m
}

// classic is martini.Classic with its log discarded, as in every Martini server here.
func classic() *martini.ClassicMartini {
	m := martini.Classic()
	m.Map(log.New(io.Discard, "", 0))
	return m
}
