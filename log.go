package sockets

import (
	"fmt"
	"log"
	"strconv"
)

// LogLevelStrings are the names of the log levels, as log lines show them.
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

// logs reports whether lines of level l are written. Code that runs for every
// message calls it before printf, because printf's arguments cost an allocation
// even if nothing is formatted.
func (g logger) logs(l level) bool {
	// A LogLevel below zero logs errors only.
	return !g.skip && int(l) <= max(g.level, LogLevelError)
}

// printf writes a line. Format everything that a client sent with %q, an
// error's text included: it may contain line ends and terminal sequences. So
// may remote, because middleware may take it from a header.
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

// debugf is for code that runs for every message: a call to logf may cost an
// allocation for its arguments even if it logs nothing.
func (s *session) debugf(format string, size int) {
	if s.config.log.logs(LogLevelDebug) {
		s.logf(LogLevelDebug, format, size)
	}
}
