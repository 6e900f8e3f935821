// Package wstest helps this module's own tests with raw frames and real
// networks. Everything in it has a deadline, so a broken library fails a test
// instead of hanging it.
package wstest

import "encoding/binary"

// Opcodes of RFC 6455, section 5.2.
const (
	OpContinuation = 0x0
	OpText         = 0x1
	OpBinary       = 0x2
	OpClose        = 0x8
	OpPing         = 0x9
	OpPong         = 0xA
)

// Bits of Frame.Rsv.
const (
	Rsv1 = 0x40 // set by permessage-deflate on the first frame of a compressed message
	Rsv2 = 0x20
	Rsv3 = 0x10
)

// key masks the frames that this package makes. It is fixed so that failures
// are reproducible.
var key = [4]byte{0xA1, 0x5B, 0x3C, 0x7E}

// Frame is one frame, legal or not. The zero value is an unmasked continuation
// that is not final.
type Frame struct {
	Fin     bool
	Rsv     byte // Rsv1, Rsv2, Rsv3
	Opcode  byte
	Masked  bool
	Payload []byte
	Length  int    // 2 or 8: bytes of the length after the first, if more than needed
	Claim   uint64 // if not zero, the length in the header, whatever Payload has
}

// Text returns a complete text message of a client: one final, masked frame.
// All constructors make final, masked frames.
func Text(s string) Frame { return client(OpText, []byte(s)) }

// Binary returns a complete binary message.
func Binary(p []byte) Frame { return client(OpBinary, p) }

// Continuation continues a message, and ends it unless More is called.
func Continuation(p string) Frame { return client(OpContinuation, []byte(p)) }

// Ping returns a ping; its pong has the same payload.
func Ping(p string) Frame { return client(OpPing, []byte(p)) }

// Pong returns the answer to a ping.
func Pong(p string) Frame { return client(OpPong, []byte(p)) }

// Close returns a close frame with any 16-bit code and a reason.
func Close(code int, reason string) Frame {
	return CloseRaw(append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}

// CloseRaw returns a close frame with any body, or with none if body is nil.
func CloseRaw(body []byte) Frame { return client(OpClose, body) }

func client(opcode byte, p []byte) Frame {
	return Frame{Fin: true, Opcode: opcode, Masked: true, Payload: p}
}

// More returns the frame without FIN, so that more frames of the message follow.
func (f Frame) More() Frame { f.Fin = false; return f }

// Unmasked returns the frame as a server sends it.
func (f Frame) Unmasked() Frame { f.Masked = false; return f }

// WithRsv returns the frame with reserved bits.
func (f Frame) WithRsv(bits byte) Frame { f.Rsv = bits; return f }

// WithOpcode returns the frame with another opcode, for example a reserved one.
func (f Frame) WithOpcode(op byte) Frame { f.Opcode = op; return f }

// WithLength returns the frame with a length of 2 or 8 bytes after the first. That is
// legal only if the length needs so many (RFC 6455, section 5.2).
func (f Frame) WithLength(size int) Frame { f.Length = size; return f }

// Claiming returns the frame with a length in its header that need not be true.
func (f Frame) Claiming(length uint64) Frame { f.Claim = length; return f }

// Append appends the encoded frame to b.
func (f Frame) Append(b []byte) []byte {
	first := f.Rsv&0x70 | f.Opcode&0x0F
	if f.Fin {
		first |= 0x80
	}
	b = f.appendLength(append(b, first))
	if !f.Masked {
		return append(b, f.Payload...)
	}
	b = append(b, key[:]...)
	at := len(b)
	b = append(b, f.Payload...)
	mask(key, b[at:])
	return b
}

func (f Frame) appendLength(b []byte) []byte {
	var masked byte
	if f.Masked {
		masked = 0x80
	}
	n := uint64(len(f.Payload))
	if f.Claim != 0 {
		n = f.Claim
	}
	switch {
	case f.Length == 8 || n > 0xFFFF:
		return binary.BigEndian.AppendUint64(append(b, masked|127), n)
	case f.Length == 2 || n > 125:
		return binary.BigEndian.AppendUint16(append(b, masked|126), uint16(n))
	}
	return append(b, masked|byte(n))
}

// Bytes returns the encoded frames.
func Bytes(frames ...Frame) []byte {
	var b []byte
	for _, f := range frames {
		b = f.Append(b)
	}
	return b
}
