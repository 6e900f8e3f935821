// Package wstest holds the helpers of the module's own tests, at the level of
// raw frames and real networks. Everything in it has deadlines: a broken
// library fails a test, it does not hang it.
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

// Length is how the length of a payload is written.
type Length int

// The forms of RFC 6455, section 5.2, of which only the shortest that fits is allowed.
const (
	Shortest Length = iota
	Length16        // two bytes after the first
	Length64        // eight bytes after the first
)

// key masks the frames that this package makes: a fixed one keeps failures
// reproducible.
var key = [4]byte{0xA1, 0x5B, 0x3C, 0x7E}

// Frame is one frame, legal or not. The zero value is an unmasked continuation
// that is not final.
type Frame struct {
	Fin     bool
	Rsv     byte // Rsv1, Rsv2, Rsv3
	Opcode  byte
	Masked  bool
	Payload []byte
	Length  Length // form of the length, where it is not the shortest that fits
	Claim   uint64 // if not zero, the length that the header claims, whatever Payload has
}

// Text is a whole text message as a client sends it: final and masked. So are
// all frames that the constructors make.
func Text(s string) Frame { return client(OpText, []byte(s)) }

// Binary is a whole binary message.
func Binary(p []byte) Frame { return client(OpBinary, p) }

// Continuation goes on with a message, and ends it unless More is called.
func Continuation(p string) Frame { return client(OpContinuation, []byte(p)) }

// Ping asks for a pong with the same payload.
func Ping(p string) Frame { return client(OpPing, []byte(p)) }

// Pong answers a ping.
func Pong(p string) Frame { return client(OpPong, []byte(p)) }

// Close has a code, any that fits in 16 bits, and a reason.
func Close(code int, reason string) Frame {
	return CloseRaw(append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}

// CloseRaw has whatever body a test needs; none with nil.
func CloseRaw(body []byte) Frame { return client(OpClose, body) }

func client(opcode byte, p []byte) Frame {
	return Frame{Fin: true, Opcode: opcode, Masked: true, Payload: p}
}

// More gives the frame without FIN: more frames of the message follow.
func (f Frame) More() Frame { f.Fin = false; return f }

// Unmasked gives the frame as a server sends it.
func (f Frame) Unmasked() Frame { f.Masked = false; return f }

// WithRsv gives the frame with reserved bits.
func (f Frame) WithRsv(bits byte) Frame { f.Rsv = bits; return f }

// WithOpcode gives the frame with another opcode, a reserved one for example.
func (f Frame) WithOpcode(op byte) Frame { f.Opcode = op; return f }

// WithLength gives the frame with another form of the length.
func (f Frame) WithLength(form Length) Frame { f.Length = form; return f }

// Claiming gives the frame with a length in the header that need not be true.
func (f Frame) Claiming(length uint64) Frame { f.Claim = length; return f }

// Append adds the frame to b as it goes over the wire.
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
	case f.Length == Length64 || n > 0xFFFF:
		return binary.BigEndian.AppendUint64(append(b, masked|127), n)
	case f.Length == Length16 || n > 125:
		return binary.BigEndian.AppendUint16(append(b, masked|126), uint16(n))
	}
	return append(b, masked|byte(n))
}

// Bytes is a row of frames as it goes over the wire.
func Bytes(frames ...Frame) []byte {
	var b []byte
	for _, f := range frames {
		b = f.Append(b)
	}
	return b
}
