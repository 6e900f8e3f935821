package wstest

import (
	"bytes"
	"compress/flate"
	"io"
)

// syncTail ends a deflate block. RFC 7692, section 7.2.1, removes it from messages.
const syncTail = "\x00\x00\xff\xff"

// Deflate compresses a message as permessage-deflate does without context
// takeover. Send it in a frame with Rsv1.
func Deflate(p []byte) []byte {
	var b bytes.Buffer
	// fails only for an invalid level
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	// Writing to a Buffer never fails.
	_, _ = w.Write(p)
	_ = w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte(syncTail))
}

// Inflate decompresses the payload of a compressed message.
func Inflate(p []byte) ([]byte, error) {
	// The empty final block makes the reader end with EOF.
	return io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(p),
		bytes.NewReader([]byte(syncTail+"\x01\x00\x00\xff\xff")))))
}

// Compressed returns a complete compressed message of a client, text or binary.
func Compressed(opcode byte, p []byte) Frame {
	return client(opcode, Deflate(p)).WithRsv(Rsv1)
}
