package wstest

import (
	"errors"
	"os"
)

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// firstBytes keeps the message of a failed test short.
func firstBytes(p []byte) []byte { return p[:min(len(p), 64)] }
