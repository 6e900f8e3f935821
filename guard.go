package sockets

import "github.com/beatrichartz/martini-sockets/internal/recovered"

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

// panicError names the place of the panic in its text.
func panicError(method string, v any) *programError {
	p := recovered.New(v, ".guard")
	return &programError{text: "panic in " + method + ": " + p.Text() + p.Stack(),
		err: p.Unwrap(), panicked: true}
}

func exitError(method string) *programError {
	return &programError{text: "runtime.Goexit in " + method, panicked: true}
}
