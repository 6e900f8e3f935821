//go:build unix && !freebsd && !dragonfly

package limit

import "syscall"

func set(r *syscall.Rlimit, most uint64) { r.Cur, r.Max = most, max(r.Max, most) }
