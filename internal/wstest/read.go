package wstest

import (
	"cmp"
	"errors"
	"io"
	"os"
	"strings"
)

// NextFrame reads one frame, or returns an error: os.ErrDeadlineExceeded if
// nothing arrives.
func (r *Raw) NextFrame() (Frame, error) {
	r.deadline()
	return ReadFrame(r.br)
}

// ReadFrame reads one frame.
func (r *Raw) ReadFrame() Frame {
	r.tb.Helper()
	f, err := r.NextFrame()
	if err != nil {
		r.tb.Fatalf("wstest: ReadFrame: %v", err)
	}
	return f
}

// ReadMessage reads one complete data message, fragmented or not. It skips
// pings and pongs; a close frame fails the test.
func (r *Raw) ReadMessage() (opcode byte, payload []byte) {
	r.tb.Helper()
	for started := false; ; {
		f := r.ReadFrame()
		switch f.Opcode {
		case OpPing, OpPong:
			continue
		case OpText, OpBinary, OpContinuation:
			if started != (f.Opcode == OpContinuation) {
				r.tb.Fatalf("wstest: ReadMessage: %v out of order", f)
			}
			if !started {
				started, opcode = true, f.Opcode
			}
			payload = append(payload, f.Payload...)
		default:
			r.tb.Fatalf("wstest: ReadMessage: %v after %d bytes", f, len(payload))
		}
		if f.Fin {
			return opcode, payload
		}
	}
}

// ReadClose skips everything up to the close frame and returns its code and
// reason. It returns 1005 if the frame has no code. It fails the test if the
// connection ends without a close frame, or if its body is malformed.
func (r *Raw) ReadClose() (code int, reason string) {
	r.tb.Helper()
	for skipped := 0; ; skipped++ {
		f, err := r.NextFrame()
		if err != nil {
			r.tb.Fatalf("wstest: ReadClose: %v, after %d other frames", err, skipped)
		}
		if f.Opcode == OpClose {
			code, reason, err = f.CloseCode()
			if err != nil {
				r.tb.Fatal(err)
			}
			return code, reason
		}
	}
}

// ReadEnd waits for the end of the connection and returns its error: io.EOF, or
// that of a reset. It fails the test if any bytes come first.
func (r *Raw) ReadEnd() error {
	r.tb.Helper()
	var rest strings.Builder
	err := r.copy(&rest)
	if rest.Len() > 0 {
		r.tb.Fatalf("wstest: %.64q before the end of the connection (%v), want nothing",
			rest.String(), err)
	}
	return cmp.Or(err, io.EOF)
}

// Drain reads and drops everything until the connection ends.
func (r *Raw) Drain() error { r.tb.Helper(); return r.copy(io.Discard) }

func (r *Raw) copy(to io.Writer) error {
	r.tb.Helper()
	r.deadline()
	_, err := io.Copy(to, r.br)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		r.tb.Fatalf("wstest: the connection is still open after %v", r.Wait)
	}
	return err
}
