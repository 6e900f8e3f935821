package sockets

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// programError is the failure of a message's own method, or of encoding/json,
// which runs it. The text was read inside guard, where a panic does no harm.
// err belongs to the program, and so do its methods Error, Unwrap, Is and As.
type programError struct {
	text     string
	err      error
	panicked bool // or called runtime.Goexit
}

func (e *programError) Error() string { return e.text }

// Unwrap returns the program's own error, or nil.
func (e *programError) Unwrap() error { return e.err }

// guard calls a method of the program. A panic becomes an error. runtime.Goexit
// ends the goroutine; exited then holds the method's name, for the goroutine
// that takes over (see bridge.keep).
func guard(method string, exited *string, call func() error) (failed *programError) {
	*exited = method
	returned := false
	defer func() {
		if !returned {
			v := recover()
			if v == nil {
				return
			}
			failed = panicError(method, v)
		}
		*exited = ""
	}()
	if err := call(); err != nil {
		failed = &programError{text: err.Error(), err: err}
	}
	returned = true
	return failed
}

// panicError is called by the function that has recovered from a panic. Its text names
// where the panic happened.
func panicError(method string, v any) *programError {
	err, _ := v.(error)
	return &programError{text: "panic in " + method + ": " + textOf(v) + stackOfPanic(),
		err: err, panicked: true}
}

// maxStack is how much of a stack an error keeps. The innermost calls come first and tell
// the most.
const maxStack = 1500

// stackOfPanic returns the stack below the panic that the caller has recovered from.
func stackOfPanic() string {
	_, stack, _ := strings.Cut(string(debug.Stack()), "\npanic(")
	_, stack, _ = strings.Cut(stack, "\n") // the rest of that line
	_, stack, _ = strings.Cut(stack, "\n") // its place in package runtime
	return "\n" + stack[:min(len(stack), maxStack)]
}

// textOf formats the value of a panic. Package fmt recovers if the value's own
// method panics, but not if the value of that second panic does so too.
func textOf(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", v)
		}
	}()
	return fmt.Sprint(v)
}

func exitError(method string) *programError {
	return &programError{text: "runtime.Goexit in " + method, panicked: true}
}
