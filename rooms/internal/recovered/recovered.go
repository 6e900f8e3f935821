// Package recovered calls code of the program, such as hooks and codecs. A panic or a
// runtime.Goexit in it becomes an error that names the place where it happened.
package recovered

import (
	"context"
	"fmt"
	"log"
	"runtime"
	"strings"
)

// Error is a panic, or a runtime.Goexit, of the program's code.
type Error struct {
	text  string
	err   error // the value of the panic, if that is an error
	stack string
}

// Error returns the value of the panic and, one frame a line, where it happened.
func (e *Error) Error() string { return e.text + e.stack }

// Unwrap returns the value of the panic if that is an error, and nil otherwise.
func (e *Error) Unwrap() error { return e.err }

// Call calls f and returns its error. If f panics, the error is an [*Error]. If f calls
// runtime.Goexit, that ends the caller's goroutine as well: use Apart if it must go on.
func Call(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newError(v)
		}
	}()
	return f()
}

// Run calls f, then the function that next returns for f's error, and so on, until next
// returns nil. Call it on a goroutine of its own: if a function calls runtime.Goexit, Run
// goes on with next on another goroutine. Next is a method expression, and w its
// receiver, because a method value would be allocated.
func Run[W any](w W, f func() error, next func(w W, err error) func() error) {
	calling := false
	defer func() {
		if calling {
			go Run(w, next(w, exited()), next) // ends like this one
		}
	}()
	for f != nil {
		calling = true
		err := Call(f)
		calling = false
		f = next(w, err)
	}
}

// Apart is Call on another goroutine, so that a runtime.Goexit in f becomes an [*Error],
// too. It costs about as much as decoding a short message.
func Apart(f func() error) error { return Within(context.Background(), f) }

// Within is Apart, and returns the error of ctx when that ends, even if f does not return.
func Within(ctx context.Context, f func() error) error {
	result := make(chan error, 1)
	go func() { // ends with f
		err, returned := error(nil), false
		defer func() {
			if !returned {
				err = exited()
			}
			result <- err
		}()
		err = Call(f)
		returned = true
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// exited returns the [*Error] of a Call that did not return. A deferred function calls
// it.
func exited() error { return &Error{text: "runtime.Goexit was called", stack: stack()} }

func newError(v any) *Error {
	err, _ := v.(error)
	return &Error{text: "panic: " + textOf(v), err: err, stack: stack()}
}

// textOf formats the value of a panic. Package fmt recovers if the value's own method
// panics, but not if the value of that second panic does so too.
func textOf(v any) (text string) {
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

// stack returns the frames of the program between the panic, or runtime.Goexit, and Call.
func stack() string {
	var counters [maxDepth]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters[:])])
	var text strings.Builder
	panicked, std, kept := false, "", 0 // std is where the standard library is, if known
	for more := true; more && kept < maxFrames; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case !panicked:
			panicked = f.Function == "runtime.gopanic" || f.Function == "runtime.Goexit"
			std = strings.TrimSuffix(f.File, "runtime/panic.go")
		case f.Function == callName:
			return text.String()
		case !isOurs(f.Function) && (std == "" || !strings.HasPrefix(f.File, std)):
			fmt.Fprintf(&text, "\n\t%s %s:%d", f.Function, f.File, f.Line)
			kept++
		}
	}
	return text.String()
}

// isOurs reports whether a function is not the program's, whatever the paths of files are.
func isOurs(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, house+".") ||
		strings.HasPrefix(function, house+"/internal/codec.") ||
		strings.HasPrefix(function, house+"/internal/recovered.")
}

const (
	house    = "github.com/beatrichartz/martini-sockets/rooms"
	callName = house + "/internal/recovered.Call"
)

// Tell runs call, which tells the program's hook of an error, and always returns. If the
// hook panics or ends its goroutine, there is no other hook to tell, so the standard
// logger is told, as in net/http.
func Tell(hook string, told error, call func()) {
	if p := Apart(func() error { call(); return nil }); p != nil {
		log.Printf("rooms: %s, told of %q: %v", hook, told, p)
	}
}
