package sockets

import "fmt"

// programError is the failure of a message's own method, or of encoding/json in
// its place. Its text was read where a panic could do no harm: err belongs to
// the program, and so do its methods Error, Unwrap, Is and As.
type programError struct {
	text     string
	err      error
	panicked bool // or ended its goroutine
}

func (e *programError) Error() string { return e.text }

// Unwrap returns the program's own error; nil where there is none.
func (e *programError) Unwrap() error { return e.err }

// guard calls into the program: method is one of a message's, and what it calls. A
// panic becomes an error. After runtime.Goexit the goroutine cannot be kept: then
// exited names the method, for the goroutine that takes over (see bridge.keep).
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

func panicError(method string, v any) *programError {
	err, _ := v.(error)
	return &programError{text: "panic in " + method + ": " + textOf(v), err: err,
		panicked: true}
}

// textOf formats what the program has panicked with. Package fmt recovers from a panic
// in the method that it calls for that, but not from one in the value of that panic.
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
