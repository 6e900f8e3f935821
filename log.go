package sockets

import (
	"fmt"
	"log"
	"strconv"
)

// LogLevelStrings are the names of the levels, as lines show them.
var LogLevelStrings = []string{"Error", "Warning", "Info", "Debug"}

// level is a LogLevel constant.
type level int

func (l level) String() string { return LogLevelStrings[l] }

// logger writes lines "[Level] [remote address] text".
type logger struct {
	out   *log.Logger
	level int
	skip  bool
}

// logs reports whether lines of level l are written. On the path of every
// message it is asked first, because the arguments of printf cost an allocation
// even where nothing is formatted.
func (g logger) logs(l level) bool {
	// A LogLevel below zero asks for errors only.
	return !g.skip && int(l) <= max(g.level, LogLevelError)
}

// printf writes a line. What a client sent, an error's text among it, must be
// formatted with %q: it may hold line ends and terminal sequences. So may
// remote, which middleware may take from a header.
func (g logger) printf(l level, remote, format string, args ...any) {
	if g.logs(l) {
		quoted := strconv.Quote(remote)
		g.out.Printf("[%v] [%s] %s", l, quoted[1:len(quoted)-1],
			fmt.Sprintf(format, args...))
	}
}

func (s *session) logf(l level, format string, args ...any) {
	s.config.log.printf(l, s.remote, format, args...)
}

// debugf is for the path of every message, where even the arguments of a call
// that logs nothing may cost an allocation.
func (s *session) debugf(format string, size int) {
	if s.config.log.logs(LogLevelDebug) {
		s.logf(LogLevelDebug, format, size)
	}
}
