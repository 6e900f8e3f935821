// Package recovered turns a panic in code of the program, such as a codec or a hook, into an
// error that names the place where it happened.
package recovered

import (
	"fmt"
	"runtime"
	"strings"
)

// Error is a panic of the program's code.
type Error struct {
	text  string
	err   error // the value of the panic, if that is an error
	stack string
}

// Error returns the value of the panic and, one frame a line, where it happened.
func (e *Error) Error() string { return "panic: " + e.text + e.stack }

// Unwrap returns the value of the panic if that is an error, and nil otherwise.
func (e *Error) Unwrap() error { return e.err }

// Text returns the value of the panic as text.
func (e *Error) Text() string { return e.text }

// Stack returns where the panic happened: a line for each frame, with a line end before
// each.
func (e *Error) Stack() string { return e.stack }

// Call calls f and returns its error. If f panics, the error is an [*Error]. If f calls
// runtime.Goexit, so does Call.
func Call(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = New(v, "internal/recovered.Call")
		}
	}()
	return f()
}

// New makes an Error of v, which recover has returned in the calling function. The stack
// has the frames from the panic up to the function whose name ends with caller: those above
// belong to the library and its caller, those below to the runtime.
func New(v any, caller string) *Error {
	err, _ := v.(error)
	return &Error{text: TextOf(v), err: err, stack: stack(caller)}
}

// TextOf formats the value of a panic. Package fmt recovers if the value's own method
// panics, but not if the value of that second panic does so too.
func TextOf(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", v)
		}
	}()
	return fmt.Sprint(v)
}

const (
	maxFrames = 16 // of a stack that is kept; the innermost tell the most
	maxDepth  = 64 // of the stack that is searched for them
)

func stack(caller string) string {
	var counters [maxDepth]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters[:])])
	var text strings.Builder
	panicked, kept := false, 0
	for more := true; more && kept < maxFrames; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case !panicked:
			panicked = f.Function == "runtime.gopanic"
		case strings.HasSuffix(f.Function, caller):
			return text.String()
		case !strings.HasPrefix(f.Function, "runtime."):
			fmt.Fprintf(&text, "\n\t%s %s:%d", f.Function, f.File, f.Line)
			kept++
		}
	}
	return text.String()
}
