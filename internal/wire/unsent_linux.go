package wire

import (
	"syscall"
	"unsafe"
)

// Unsent returns how many bytes the network has taken that the peer's system has not
// acknowledged yet (SIOCOUTQ of tcp(7)), or 0 if that cannot be known.
func (c *Conn) Unsent() int {
	conn, ok := lowest(c.Conn).(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	var n int32
	err = raw.Control(func(fd uintptr) {
		_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ,
			uintptr(unsafe.Pointer(&n)))
		if failed != 0 {
			n = 0
		}
	})
	if err != nil {
		return 0
	}
	return int(n)
}
