package sockets

import (
	"fmt"
	"log"
	"strconv"
)

// level is a LogLevel constant with a name to print.
type level int

func (l level) String() string {
	return [...]string{"Error", "Warning", "Info", "Debug"}[l]
}

// logger writes lines "[Level] [remote address] text".
type logger struct {
	out   *log.Logger
	level int
	skip  bool
}

// logs reports whether lines of level l are written. On the path of every message it is asked first, because the
// arguments of printf cost an allocation even where nothing is formatted.
func (g logger) logs(l level) bool {
	// A LogLevel below zero asks for errors only.
	return !g.skip && int(l) <= max(g.level, LogLevelError)
}

// printf writes a line. What a client sent, an error's text among it, must be formatted with %q: it may hold
// line ends and terminal sequences. So may remote, where middleware takes the address from a header.
func (g logger) printf(l level, remote, format string, args ...any) {
	if g.logs(l) {
		quoted := strconv.Quote(remote)
		g.out.Printf("[%v] [%s] %s", l, quoted[1:len(quoted)-1], fmt.Sprintf(format, args...))
	}
}

func (b *bridge[M]) logf(l level, format string, args ...any) {
	b.config.log.printf(l, b.remote, format, args...)
}

// debugf is for the path of every message, where even the arguments of a call that logs nothing may cost an allocation.
func (b *bridge[M]) debugf(format string, size int) {
	if b.config.log.logs(LogLevelDebug) {
		b.logf(LogLevelDebug, format, size)
	}
}
