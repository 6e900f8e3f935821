package wstest

import (
	"bytes"
	"compress/flate"
	"io"
)

// syncTail ends a deflate block; RFC 7692, section 7.2.1 leaves it out of the message.
const syncTail = "\x00\x00\xff\xff"

// Deflate compresses a message as permessage-deflate does, for frames with Rsv1
// on a connection without context takeover.
func Deflate(p []byte) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // fails for a wrong level only
	// a Buffer never fails, nor does Flush into it
	_, _ = w.Write(p)
	_ = w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte(syncTail))
}

// Inflate gives the message that the payload of a compressed one stands for.
func Inflate(p []byte) ([]byte, error) {
	// The empty final block makes the reader end with EOF.
	return io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(p),
		bytes.NewReader([]byte(syncTail+"\x01\x00\x00\xff\xff")))))
}

// Compressed is a whole compressed message, text or binary, as a client sends it.
func Compressed(opcode byte, p []byte) Frame {
	return client(opcode, Deflate(p)).WithRsv(Rsv1)
}
