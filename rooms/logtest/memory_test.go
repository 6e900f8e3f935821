package logtest_test

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/logtest"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// Contract 11.4.
func TestMemory(t *testing.T) {
	for _, count := range []int{50, 1000} {
		logtest.Run(t, func(t *testing.T) logtest.Store {
			log := memlog.New(count, time.Hour)
			return logtest.Store{
				Connect: func(*testing.T) rooms.Log { return log },
				Alone:   true,
				Count:   count,
			}
		})
	}
}

// The log that the faulty ones are made of is a right one.
func TestLocal(t *testing.T) {
	logtest.Run(t, func(*testing.T) logtest.Store {
		return newLocal().store(same)
	})
}
