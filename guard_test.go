package sockets

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// Contract 3.7: whatever a message's method does, it becomes an error. Reading
// its text and reason does not call into the program.
func TestGuard(t *testing.T) {
	for _, test := range []struct {
		name     string
		call     func() error
		text     string // empty for no error
		is       error
		panicked bool
	}{
		{"nothing", func() error { return nil }, "", nil, false},
		{"error", func() error { return io.EOF }, "EOF", io.EOF, false},
		{"panic with an error", func() error { panic(io.EOF) }, "panic in M: EOF", io.EOF,
			true},
		{"panic with a value", func() error { panic(7) }, "panic in M: 7", nil, true},
		{"panic with nil", func() error { panic(new(runtime.PanicNilError)) },
			"panic in M: panic called with nil argument", nil, true},
		{"panic in depth", func() error { deep(50); return nil }, "panic in M: deep", nil, true},
		{"error whose text panics", func() error { return rude{} }, "panic in M: no text",
			nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var exited string

			failed := guard("M", &exited, test.call)

			if failed == nil {
				if test.text != "" {
					t.Errorf("guard = nil, want %q", test.text)
				}
				return
			}
			text, stack, _ := strings.Cut(failed.Error(), "\n")
			if test.panicked != strings.Contains(stack, "guard_test.go:") {
				t.Errorf("guard = %q, want the place of a panic", failed)
			}
			if strings.HasPrefix(stack, "\t") || len(stack) > maxStack {
				t.Errorf("stack of %d bytes, %q, want at most %d from the panic on", len(stack),
					stack, maxStack)
			}
			if text != test.text || failed.panicked != test.panicked ||
				exited != "" {
				t.Errorf("guard = %q, panicked %t, exited %q, want %q, %t and nothing",
					failed, failed.panicked, exited, test.text, test.panicked)
			}
			if test.is != nil && !errors.Is(failed, test.is) {
				t.Errorf("guard = %v, want one that is %v", failed, test.is)
			}
		})
	}
}

// Contract 3.7: runtime.Goexit leaves the method's name for the goroutine that
// takes over.
func TestGuardExit(t *testing.T) {
	var exited string
	ended := make(chan struct{})
	go func() { // ends with runtime.Goexit
		defer close(ended)
		guard("M", &exited, func() error { runtime.Goexit(); return nil })
		t.Error("guard returned")
	}()
	<-ended
	if want := "runtime.Goexit in M"; exited != "M" || exitError(exited).Error() != want {
		t.Errorf("exited = %q, want M", exited)
	}
}

// deep panics with a long stack.
func deep(n int) {
	if n == 0 {
		panic("deep")
	}
	deep(n - 1)
}

// rude is an error whose methods panic.
type rude struct{}

func (rude) Error() string                      { panic("no text") }
func (rude) Unwrap() error                      { panic("no reason") }
func (rude) Is(error) bool                      { panic("no likeness") }
func (rude) As(any) bool                        { panic("no kind") }
func (rude) Timeout() bool                      { panic("no time") }
func (rude) Temporary() bool                    { panic("no time") }
func (rude) MarshalText() (_ []byte, err error) { return nil, rude{} }
