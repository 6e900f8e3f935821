//go:build freebsd || dragonfly

package limit

import "syscall"

func set(r *syscall.Rlimit, most uint64) { r.Cur, r.Max = int64(most), max(r.Max, int64(most)) }
