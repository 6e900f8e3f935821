package sockets

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"strconv"
)

// LogLevelStrings are the names of the log levels, as log lines show them.
var LogLevelStrings = []string{"Error", "Warning", "Info", "Debug"}

// level is a LogLevel constant.
type level int

func (l level) String() string { return LogLevelStrings[l] }

// slog returns the level for Options.Slog.
func (l level) slog() slog.Level {
	return [...]slog.Level{slog.LevelError, slog.LevelWarn, slog.LevelInfo,
		slog.LevelDebug}[l]
}

// logger writes lines "[Level] [remote address] text" to out, and records to slog.
type logger struct {
	out   *log.Logger  // or nil
	slog  *slog.Logger // or nil
	level int
	skip  bool
}

// source is the connection or the request that a line is about.
type source struct {
	remote string // the peer's address, as the request has it
	path   string // of the request
	route  string // the pattern of net/http's ServeMux, or the path
}

func newSource(r *http.Request) source {
	return source{r.RemoteAddr, r.URL.Path, cmp.Or(r.Pattern, r.URL.Path)}
}

// cut returns at most n runes of what a client may have sent.
func cut(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// logs reports whether lines of level l are written. Code that runs for every
// message calls it before print, because print's arguments cost an allocation
// even if nothing is formatted.
func (g logger) logs(l level) bool {
	// A LogLevel below zero logs errors only.
	return !g.skip && int(l) <= max(g.level, LogLevelError)
}

// print writes a line: format with the values of attrs to out, and message with attrs to
// slog. The format quotes everything that a client sent with %q, an error's text included:
// it may contain line ends and terminal sequences. So may remote, because middleware may
// take it from a header. A slog.Handler quotes by itself.
func (g logger) print(l level, from source, message, format string, attrs ...slog.Attr) {
	if !g.logs(l) {
		return
	}
	if g.out != nil {
		args := make([]any, len(attrs))
		for i, a := range attrs {
			args[i] = a.Value.Any()
		}
		quoted := strconv.Quote(from.remote)
		g.out.Printf("[%v] [%s] %s", l, quoted[1:len(quoted)-1],
			fmt.Sprintf(format, args...))
	}
	if g.slog != nil {
		g.slog.LogAttrs(context.Background(), l.slog(), message,
			append([]slog.Attr{slog.String("remote", cut(from.remote, 200)),
				slog.String("route", cut(from.route, 200))}, attrs...)...)
	}
}

func (s *session) log(l level, message, format string, attrs ...slog.Attr) {
	s.config.log.print(l, s.source, message, format, attrs...)
}

// debug is for code that runs for every message: a call to log may cost an allocation
// for its arguments even if it logs nothing. The format has one verb, for the size.
func (s *session) debug(message, format string, size int) {
	if s.config.log.logs(LogLevelDebug) {
		s.log(LogLevelDebug, message, format, slog.Int("size", size))
	}
}
